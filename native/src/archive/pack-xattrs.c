#include "pack-entry.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* The largest list and the largest value that Linux has. */
#define XATTR_SIZE 65536

bool pack_is_whiteout(const struct stat *status)
{
    return S_ISCHR(status->st_mode) && status->st_rdev == makedev(0, 0);
}

bool pack_is_opaque(int directory)
{
    char value;
    return fgetxattr(directory, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

/* What overlayfs and the host's security module keep for themselves stays here. */
static bool is_private(const char *name)
{
    return strncmp(name, "trusted.overlay.", 16) == 0 || strncmp(name, "user.overlay.", 13) == 0 ||
           strcmp(name, "security.selinux") == 0;
}

static ssize_t list_xattrs(const char *name, int fd, char *list, size_t size)
{
    return fd >= 0 ? flistxattr(fd, list, size) : llistxattr(name, list, size);
}

static ssize_t get_xattr(const char *name, int fd, const char *key, void *value, size_t size)
{
    return fd >= 0 ? fgetxattr(fd, key, value, size) : lgetxattr(name, key, value, size);
}

static int read_one(struct pack *pack, struct tar_entry *entry, const struct walk_entry *found, int fd,
                    const char *key)
{
    char value[XATTR_SIZE];
    ssize_t size = get_xattr(found->name, fd, key, value, sizeof value);
    if (size < 0)
        return errno == ENODATA || errno == ENOENT
                   ? 0
                   : fail(pack->failure, STAGE_ARCHIVE, errno, "%s: reading the extended attribute %s",
                          found->path, key);
    if (!tar_entry_add_xattr(entry, key, strlen(key), value, (size_t)size))
        return fail(pack->failure, STAGE_ARCHIVE, E2BIG, "%s: too many extended attributes", found->path);
    return 0;
}

int pack_read_xattrs(struct pack *pack, struct tar_entry *entry, const struct walk_entry *found, int fd)
{
    char list[XATTR_SIZE];
    /* There is no call that takes a folder and a name: the folder becomes the current one. */
    if (fd < 0 && fchdir(found->folder) < 0)
        return fail(pack->failure, STAGE_ARCHIVE, errno, "%s: entering its folder", found->path);
    ssize_t size = list_xattrs(found->name, fd, list, sizeof list);
    if (size < 0 && (errno == ENOTSUP || errno == ENOENT))
        return 0;
    if (size < 0)
        return fail(pack->failure, STAGE_ARCHIVE, errno, "%s: listing its extended attributes", found->path);
    for (const char *key = list; key < list + size; key += strlen(key) + 1)
        if (!is_private(key) && read_one(pack, entry, found, fd, key) < 0)
            return -1;
    return 0;
}
