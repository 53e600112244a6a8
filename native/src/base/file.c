#include "file.h"

#include "cleanup.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

int file_write_text(int base, const char *path, const char *text)
{
    CLEANUP_FD int fd = openat(base, path, O_WRONLY | O_CLOEXEC);
    size_t size = strlen(text);
    ssize_t n;

    if (fd < 0)
        return -1;
    do
        n = write(fd, text, size);
    while (n < 0 && errno == EINTR);
    if (n >= 0 && (size_t)n != size) {
        errno = EIO;
        return -1;
    }
    return n < 0 ? -1 : 0;
}

int file_read(int fd, size_t limit, char **text, size_t *size)
{
    CLEANUP_FREE char *data = NULL;
    struct stat status;
    size_t have = 0;
    ssize_t n;

    if (fstat(fd, &status))
        return -1;
    if (!S_ISREG(status.st_mode)) {
        errno = EINVAL;
        return -1;
    }
    do {
        if (have > limit) {
            errno = EFBIG;
            return -1;
        }
        data = memory_resize(data, have + 8192 + 1, 1);
        n = read(fd, data + have, 8192);
        if (n < 0 && errno != EINTR)
            return -1;
        have += n > 0 ? (size_t)n : 0;
    } while (n != 0);
    data[have] = '\0';
    *text = data;
    *size = have;
    data = NULL;
    return 0;
}

int file_make_folders(const char *path, mode_t mode)
{
    CLEANUP_FREE char *copy = memory_copy_string(path);
    char *slash = copy;

    if (mkdir(path, mode) == 0 || errno == EEXIST)
        return 0;
    if (errno != ENOENT)
        return -1;
    while ((slash = strchr(slash + 1, '/'))) {
        *slash = '\0';
        if (mkdir(copy, mode) && errno != EEXIST)
            return -1;
        *slash = '/';
    }
    return mkdir(path, mode) && errno != EEXIST ? -1 : 0;
}
