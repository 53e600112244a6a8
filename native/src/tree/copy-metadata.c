#include "memory.h"
#include "tree.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/xattr.h>

/* The kernel's limits of a list of names and of a value. */
#define COPY_XATTR_MAX 65536

/* What overlayfs keeps for itself is meaningless in another place. */
static bool copy_xattr_wanted(const char *name)
{
    return strncmp(name, "trusted.overlay.", 16) != 0 && strcmp(name, "security.selinux") != 0;
}

static int copy_xattrs(const char *from, const char *to, const char *name, struct failure *failure)
{
    CLEANUP_FREE char *list = NULL, *value = NULL;
    ssize_t size = llistxattr(from, NULL, 0);

    if (size == 0 || (size < 0 && (errno == ENOTSUP || errno == EOPNOTSUPP)))
        return 0;
    list = memory_allocate(COPY_XATTR_MAX, 1);
    value = memory_allocate(COPY_XATTR_MAX, 1);
    size = llistxattr(from, list, COPY_XATTR_MAX);
    for (const char *key = list; key < list + size; key += strlen(key) + 1) {
        ssize_t length;

        if (!copy_xattr_wanted(key))
            continue;
        length = lgetxattr(from, key, value, COPY_XATTR_MAX);
        if (length < 0 && errno == ENODATA)
            continue;
        if (length < 0 || (lsetxattr(to, key, value, (size_t)length, 0) && errno != ENOTSUP))
            return fail(failure, STAGE_TREE, errno, "cannot copy attribute %s of %s", key, name);
    }
    return size < 0 ? fail(failure, STAGE_TREE, errno, "cannot list the attributes of %s", name) : 0;
}

int copy_metadata(int from, int to, const char *name, const struct stat *status, struct failure *failure)
{
    CLEANUP_FREE char *source = memory_format("/proc/self/fd/%d/%s", from, name);
    CLEANUP_FREE char *target = memory_format("/proc/self/fd/%d/%s", to, name);
    const struct timespec times[2] = {status->st_atim, status->st_mtim};

    /* The owner first: a change of owner drops set-id bits and file capabilities. */
    if (fchownat(to, name, status->st_uid, status->st_gid, AT_SYMLINK_NOFOLLOW) ||
        (!S_ISLNK(status->st_mode) && fchmodat(to, name, status->st_mode & 07777, 0)))
        return fail(failure, STAGE_TREE, errno, "cannot set owner and mode of %s", name);
    if (copy_xattrs(source, target, name, failure))
        return -1;
    if (utimensat(to, name, times, AT_SYMLINK_NOFOLLOW))
        return fail(failure, STAGE_TREE, errno, "cannot set the times of %s", name);
    return 0;
}

int copy_folder_metadata(int from, int to, const struct stat *status, struct failure *failure)
{
    return copy_metadata(from, to, ".", status, failure);
}
