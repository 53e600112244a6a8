#include "procstat.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

int procstat_parse(const char *text, struct procstat *stat)
{
    /* The second field is the command in parentheses, which may hold blanks and parentheses itself. */
    const char *name = strchr(text, '('), *at = strrchr(text, ')');
    char *end;

    if (!name || !at || name > at || at[1] != ' ' || !at[2] || at[3] != ' ')
        return -1;
    snprintf(stat->name, sizeof stat->name, "%.*s", (int)(at - name - 1), name + 1);
    stat->state = at[2];
    stat->parent = strtoll(at + 4, &end, 10);
    if (end == at + 4 || *end != ' ')
        return -1;
    at = end;
    for (int field = 5; field < 22; field++) {
        at = strchr(at + 1, ' ');
        if (!at)
            return -1;
    }
    stat->start = strtoull(at + 1, &end, 10);
    return end == at + 1 || (*end && *end != ' ' && *end != '\n') ? -1 : 0;
}

int procstat_read(pid_t pid, struct procstat *stat)
{
    CLEANUP_FD int fd = -1;
    char path[40], text[1024];
    ssize_t n;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n < 0) {
        errno = ESRCH;
        return -1;
    }
    text[n] = '\0';
    if (procstat_parse(text, stat)) {
        errno = EPROTO;
        return -1;
    }
    return 0;
}
