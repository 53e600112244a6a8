#include "cleanup.h"
#include "json.h"
#include "memory.h"
#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/*
 * An ext4 without a journal does not use a removed inode again for some minutes, so that a crash cannot mix
 * up old and new, and whoever makes a file looks past all that were removed near its folder. Where hundreds
 * of containers come and go, that is most of what a file costs. With this flag, made for the homes of users,
 * the containers' folders lie far apart: each has few removed inodes around it.
 */

static bool spread_is_without_journal(dev_t device)
{
    char link[64], target[512], text[16] = "";
    CLEANUP_FREE char *path = NULL;
    CLEANUP_FD int fd = -1;
    ssize_t length;

    snprintf(link, sizeof link, "/sys/dev/block/%u:%u", major(device), minor(device));
    length = readlink(link, target, sizeof target - 1);
    if (length <= 0)
        return false;
    target[length] = '\0';
    path = memory_format("/sys/fs/ext4/%s/journal_task", strrchr(target, '/') + 1);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && read(fd, text, sizeof text - 1) > 0 && strncmp(text, "<none>", 6) == 0;
}

static int spread_set(int folder)
{
    struct stat status;
    int flags;

    if (fstat(folder, &status) || !spread_is_without_journal(status.st_dev) ||
        ioctl(folder, FS_IOC_GETFLAGS, &flags))
        return -1;
    flags |= FS_TOPDIR_FL;
    return ioctl(folder, FS_IOC_SETFLAGS, &flags);
}

int operation_spread(const struct request *request, int reply)
{
    static const char *const keys[] = {"path", NULL};
    struct failure failure;
    CLEANUP_FD int folder = -1;
    const char *path;

    if (proto_check_keys(request, keys, &failure) || proto_require(request, "path", &path, &failure)) {
        json_write_failure(reply, request->id, &failure);
        return 1;
    }
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Only a matter of speed. */
    if (folder < 0 || spread_set(folder))
        errno = 0;
    return json_write_ok(reply, request->id) ? 1 : 0;
}
