#include "cleanup.h"
#include "file.h"
#include "filesystem.h"
#include "memory.h"
#include "resolve.h"
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static bool seal_is_absent(int error)
{
    return error == ENOENT || error == ENOTDIR || error == EACCES;
}

/* The container's own /dev/null, and read-only: whoever may change its mode must not change the host's. */
static int seal_clone_null(const struct root *root)
{
    CLEANUP_FD int clone = filesystem_clone(root->dev, "null", false);
    struct stat status;

    if (clone < 0 || fstat(clone, &status))
        return -1;
    if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3)) {
        errno = ENODEV;
        return -1;
    }
    return cleanup_steal_fd(&clone);
}

/* A folder is covered by an empty read-only one, anything else by /dev/null. */
static int seal_mask(struct root *root, const char *path, struct failure *failure)
{
    CLEANUP_FD int place = resolve_open(root->fd, path, O_PATH, 0);
    CLEANUP_FD int cover = -1;
    struct stat status;

    if (place < 0 && seal_is_absent(errno))
        return 0;
    if (place < 0 || fstat(place, &status))
        return fail(failure, STAGE_MASK, errno, "cannot open %s in order to mask it", path);
    if (!S_ISDIR(status.st_mode))
        cover = seal_clone_null(root);
    else
        cover = filesystem_clone(root->scratch, "empty", false);
    if (cover < 0 || filesystem_set(cover, MOUNT_ATTR_RDONLY, 0, 0, false) || filesystem_attach(cover, place))
        return fail(failure, STAGE_MASK, errno, "cannot mask %s", path);
    return 0;
}

static int seal_readonly(struct root *root, const char *path, struct failure *failure)
{
    CLEANUP_FD int place = resolve_open(root->fd, path, O_PATH, 0);
    CLEANUP_FD int same = -1;

    if (place < 0 && seal_is_absent(errno))
        return 0;
    if (place >= 0)
        same = filesystem_clone(place, "", true);
    if (same < 0 || filesystem_set(same, MOUNT_ATTR_RDONLY, 0, 0, true) || filesystem_attach(same, place))
        return fail(failure, STAGE_MASK, errno, "cannot make %s read-only", path);
    return 0;
}

int root_seal(struct root *root, struct failure *failure)
{
    const struct container_spec *spec = root->spec;

    for (size_t i = 0; i < spec->readonly_path.count; i++)
        if (seal_readonly(root, spec->readonly_path.items[i], failure))
            return -1;
    if (spec->mask.count > 0 && mkdirat(root->scratch, "empty", 0555) && errno != EEXIST)
        return fail(failure, STAGE_MASK, errno, "cannot make an empty folder");
    for (size_t i = 0; i < spec->mask.count; i++)
        if (seal_mask(root, spec->mask.items[i], failure))
            return -1;
    for (size_t i = 0; i < root->late_count; i++)
        if (filesystem_set(root->late[i], MOUNT_ATTR_RDONLY, 0, 0, false))
            return fail(failure, STAGE_MOUNT, errno, "cannot make a tmpfs read-only");
    if (spec->rootfs_readonly && filesystem_set(root->fd, MOUNT_ATTR_RDONLY, 0, 0, false))
        return fail(failure, STAGE_ROOTFS, errno, "cannot make the root read-only");
    return 0;
}

/* `net.ipv4.ip_forward`, or with a slash first `net/ipv4/conf/eth0.1/...`, where dots are dots. */
static void sysctl_make_path(char *name)
{
    if (name[strcspn(name, "./")] == '/')
        return;
    for (char *c = name; *c; c++)
        *c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
}

/* `net/../kernel/panic` is nobody's parameter but the machine's. */
static bool sysctl_climbs(const char *path)
{
    for (const char *part = path; *part; part += strcspn(part, "/"), part += *part == '/')
        if (*part == '/' || part[strspn(part, ".")] == '/' || part[strspn(part, ".")] == '\0')
            return true;
    return false;
}

static int sysctl_write(const struct root *root, const char *entry, struct failure *failure)
{
    CLEANUP_FREE char *name = memory_copy_string(entry);
    CLEANUP_FREE char *path = NULL;
    CLEANUP_FD int fd = -1;
    char *value = strchr(name, '=');

    if (!value || value == name)
        return fail(failure, STAGE_REQUEST, EINVAL, "sysctl: \"%.80s\" is not NAME=VALUE", entry);
    *value++ = '\0';
    path = memory_format("sys/%s", name);
    sysctl_make_path(path + 4);
    if (sysctl_climbs(path + 4))
        return fail(failure, STAGE_REQUEST, EINVAL, "sysctl: \"%.80s\" is not a parameter's name", name);
    fd = resolve_beneath(root->proc, path, O_WRONLY);
    if (fd < 0 || write(fd, value, strlen(value)) < 0)
        return fail(failure, STAGE_SYSCTL, errno, "cannot set %s to \"%.60s\"", name, value);
    return 0;
}

int sysctl_write_all(const struct root *root, struct failure *failure)
{
    if (root->spec->sysctl.count > 0 && root->proc < 0)
        return fail(failure, STAGE_SYSCTL, ENOENT, "sysctls need a proc mount");
    for (size_t i = 0; i < root->spec->sysctl.count; i++)
        if (sysctl_write(root, root->spec->sysctl.items[i], failure))
            return -1;
    return 0;
}
