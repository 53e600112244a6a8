#include "resolve.h"

#include "cleanup.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int resolve_openat2(int root, const char *path, struct open_how *how)
{
    int fd;

    /* EAGAIN: something was renamed meanwhile and the kernel could not rule out an escape. */
    for (int attempt = 0; attempt < 100; attempt++) {
        fd = (int)syscall(SYS_openat2, root, path, how, sizeof *how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    return fd;
}

int resolve_open(int root, const char *path, uint64_t flags, uint64_t extra)
{
    struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | extra};

    return resolve_openat2(root, path, &how);
}

int resolve_beneath(int root, const char *path, uint64_t flags)
{
    struct open_how how = {.flags = flags | O_CLOEXEC,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
                                      RESOLVE_NO_XDEV};

    return resolve_openat2(root, path, &how);
}

static int resolve_make_entry(int parent, const char *name, bool folder)
{
    CLEANUP_FD int file = -1;

    if (folder)
        return mkdirat(parent, name, 0755);
    file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    return file < 0 ? -1 : 0;
}

static int resolve_make_depth(int root, const char *path, bool folder, int depth);

/* `name` in `parent` exists but leads nowhere: make what the link points to. */
static int resolve_make_link(int root, int parent, const char *directory, const char *name, bool folder,
                             int depth)
{
    CLEANUP_FREE char *path = NULL;
    char link[PATH_MAX];
    ssize_t n = readlinkat(parent, name, link, sizeof link - 1);

    if (n < 0)
        return -1;
    link[n] = '\0';
    path = link[0] == '/' ? memory_copy_string(link) : memory_format("%s/%s", directory, link);
    return resolve_make_depth(root, path, folder, depth + 1);
}

static int resolve_make_missing(int root, char *path, bool folder, int depth)
{
    CLEANUP_FD int parent = -1;
    size_t length = strlen(path);
    char *name;

    while (length > 1 && path[length - 1] == '/')
        path[--length] = '\0';
    name = strrchr(path, '/');
    if (!name || !name[1] || strcmp(name + 1, ".") == 0 || strcmp(name + 1, "..") == 0) {
        errno = ENOENT;
        return -1;
    }
    *name++ = '\0';
    parent = resolve_make_depth(root, *path ? path : "/", true, depth + 1);
    if (parent < 0)
        return -1;
    if (resolve_make_entry(parent, name, folder)) {
        if (errno != EEXIST)
            return -1;
        return resolve_make_link(root, parent, path, name, folder, depth);
    }
    return openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static int resolve_make_depth(int root, const char *path, bool folder, int depth)
{
    CLEANUP_FREE char *copy = NULL;
    int fd;

    /* Each level takes one component or one link away, but a link may bring many. */
    if (depth > 255) {
        errno = ELOOP;
        return -1;
    }
    fd = resolve_open(root, path, O_PATH, 0);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    copy = memory_copy_string(path);
    return resolve_make_missing(root, copy, folder, depth);
}

int resolve_make(int root, const char *path, bool folder)
{
    return resolve_make_depth(root, path, folder, 0);
}
