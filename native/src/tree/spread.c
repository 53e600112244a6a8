#include "cleanup.h"
#include "json.h"
#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

/*
 * ext4 puts a new folder near its parent, which is right for a source tree and wrong for a folder whose
 * folders have nothing to do with each other: hundreds of containers that come and go then share one block
 * group, and every new file looks for its place past all that have just been removed. With this flag their
 * folders are spread over the disk, as the homes of users are meant to be.
 */
static int spread_set(int folder)
{
    int flags;

    if (folder < 0 || ioctl(folder, FS_IOC_GETFLAGS, &flags))
        return -1;
    flags |= FS_TOPDIR_FL;
    return ioctl(folder, FS_IOC_SETFLAGS, &flags);
}

int operation_spread(const struct request *request, int reply)
{
    static const char *const keys[] = {"path", NULL};
    struct failure failure;
    const char *path;

    if (proto_check_keys(request, keys, &failure) || proto_require(request, "path", &path, &failure)) {
        json_write_failure(reply, request->id, &failure);
        return 1;
    }
    CLEANUP_FD int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    /* Other file systems do not know it and do not need it. */
    if (spread_set(folder))
        errno = 0;
    return json_write_ok(reply, request->id) ? 1 : 0;
}
