#include "json.h"
#include "log.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Whatever a container writes becomes lines that start and end as entries and are valid UTF-8. */
static void check_lines(const char *text, size_t size)
{
    size_t i = 0;

    while (i < size) {
        const char *end = memchr(text + i, '\n', size - i);
        size_t length;

        if (!end || memcmp(text + i, "{\"log\":\"", 8) != 0 || memcmp(end - 3, "Z\"}", 3) != 0)
            abort();
        length = (size_t)(end - (text + i)) + 1;
        for (size_t at = 0; at < length;) {
            size_t step = json_utf8_length((const unsigned char *)text + i + at, length - at);

            if (step == 0 || (text[i + at] >= 0 && text[i + at] < 0x20 && text[i + at] != '\n'))
                abort();
            at += step;
        }
        i += length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("log", MFD_CLOEXEC);
    struct log log = {.fd = fd, .path = "", .max_file = 1};
    size_t portion = size ? (size_t)data[0] * 97 + 1 : 1;
    char *text;

    for (size_t i = 0; i < size; i += portion)
        log_write(&log, (enum log_stream)(i / portion % 2), (const char *)data + i,
                  size - i < portion ? size - i : portion);
    log_end(&log);
    if (log.size > 0) {
        text = mmap(NULL, (size_t)log.size, PROT_READ, MAP_PRIVATE, fd, 0);
        check_lines(text, (size_t)log.size);
        munmap(text, (size_t)log.size);
    }
    log_close(&log);
    return 0;
}
