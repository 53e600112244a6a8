#include "process-title.h"

#include "cleanup.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Fields 48 to 51 of /proc/self/stat: where the kernel put arguments and environment. */
static int process_title_region(char **start, size_t *size)
{
    char text[2048];
    CLEANUP_FD int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    unsigned long low = 0, high = 0;
    char *field;

    if (n <= 0)
        return -1;
    text[n] = '\0';
    field = strrchr(text, ')');
    for (int i = 2; field && i < 51; i++) {
        field = strchr(field + 1, ' ');
        if (field && i == 47)
            low = strtoul(field, NULL, 10);
        if (field && i == 50)
            high = strtoul(field, NULL, 10);
    }
    if (!low || high <= low)
        return -1;
    *start = (char *)(uintptr_t)low;
    *size = high - low;
    return 0;
}

void process_title_set(const char *title)
{
    char *start;
    size_t size, length = strlen(title);

    prctl(PR_SET_NAME, title);
    if (process_title_region(&start, &size))
        return;
    clearenv();
    memset(start, 0, size);
    if (length >= size)
        length = size - 1;
    memcpy(start, title, length);
}
