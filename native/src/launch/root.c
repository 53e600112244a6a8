#include "root.h"

#include "cleanup.h"
#include "filesystem.h"
#include "memory.h"
#include "mount-options.h"
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

/* PROC_ROOT_INO of the kernel. */
#define PROC_ROOT_INODE 1

/* What the runtime writes to below /proc, and masks there, must be the kernel's: nothing may cover it but a
 * few files that tell of the machine (runc's list), and all of it but by another proc. */
static bool root_may_cover(int place, int mount, const char *target)
{
    static const char *const files[] = {"/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo",
                                        "/proc/stat",    "/proc/swaps",     "/proc/uptime",
                                        "/proc/loadavg", "/proc/slabinfo",  NULL};
    struct statfs below, above;
    struct stat status;

    if (fstatfs(place, &below) || below.f_type != PROC_SUPER_MAGIC)
        return true;
    for (size_t i = 0; files[i]; i++)
        if (strcmp(target, files[i]) == 0)
            return true;
    return fstat(place, &status) == 0 && status.st_ino == PROC_ROOT_INODE && fstatfs(mount, &above) == 0 &&
           above.f_type == PROC_SUPER_MAGIC && fstat(mount, &status) == 0 && status.st_ino == PROC_ROOT_INODE;
}

int root_attach(struct root *root, int mount, const char *target, bool folder, struct failure *failure)
{
    CLEANUP_FD int place = resolve_make(root->fd, target, folder);
    struct stat status;

    if (place < 0)
        return fail(failure, STAGE_MOUNT, errno, "cannot make mount point %s in the container", target);
    if (fstat(place, &status) == 0 && S_ISDIR(status.st_mode) != folder)
        return fail(failure, STAGE_MOUNT, ENOTDIR, "cannot mount a %s on the %s %s",
                    folder ? "folder" : "file", folder ? "file" : "folder", target);
    if (!root_may_cover(place, mount, target))
        return fail(failure, STAGE_MOUNT, EPERM, "%s cannot be mounted on: it is inside /proc", target);
    if (filesystem_attach(mount, place))
        return fail(failure, STAGE_MOUNT, errno, "cannot mount on %s", target);
    return 0;
}

static bool root_wants_folder(const struct mount_spec *mount, int source)
{
    struct stat status;

    if (source >= 0 && fstat(source, &status) == 0)
        return S_ISDIR(status.st_mode);
    return !mount->create || strcmp(mount->create, "file") != 0;
}

static int root_bind(struct root *root, size_t index, struct failure *failure)
{
    const struct mount_spec *mount = &root->spec->mounts[index];
    CLEANUP_FD int source = cleanup_steal_fd(&root->sources[index]);
    struct mount_options options;
    uint64_t propagation;
    int result;

    mount_options_parse(mount->options, &options);
    propagation = options.propagation ? options.propagation : MS_PRIVATE;
    /* A clone is a peer of its source already, when the source is shared at all. */
    result = filesystem_set(source, options.set, options.clear, 0, options.recursive);
    if (result == 0 && !(propagation == MS_SHARED))
        result = filesystem_set(source, 0, 0, propagation, options.recursive);
    if (result)
        result = fail(failure, STAGE_MOUNT, errno, "cannot set options \"%s\" of the bind on %s",
                      mount->options ? mount->options : "", mount->target);
    else
        result = root_attach(root, source, mount->target, root_wants_folder(mount, source), failure);
    if (result == 0 && propagation == MS_SHARED &&
        filesystem_set(source, 0, 0, propagation, options.recursive))
        result = fail(failure, STAGE_MOUNT, errno, "cannot share the bind on %s", mount->target);
    mount_options_free(&options);
    return result;
}

/* proc and sysfs are what masks and sysctls rely on: an image must not choose another place for them. */
static int root_refuse_link(const struct root *root, const struct mount_spec *mount, struct failure *failure)
{
    CLEANUP_FD int place = resolve_open(root->fd, mount->target, O_PATH | O_NOFOLLOW, 0);
    struct stat status;

    if (place >= 0 && fstat(place, &status) == 0 && S_ISLNK(status.st_mode))
        return fail(failure, STAGE_MOUNT, ELOOP, "cannot mount %s on %s: it is a symbolic link in the image",
                    mount->type, mount->target);
    return 0;
}

uint64_t root_late_attributes(const struct mount_spec *mount)
{
    return strcmp(mount->type, "tmpfs") == 0 ? MOUNT_ATTR_RDONLY : 0;
}

/* Part of an image: only what is attached can be cloned, so for a moment the whole is attached over the new
 * root. */
static int root_attach_part(struct root *root, int whole, const struct mount_spec *mount,
                            struct failure *failure)
{
    CLEANUP_FD int place = -1, part = -1;
    struct stat status;

    if (filesystem_attach(whole, root->fd))
        return fail(failure, STAGE_MOUNT, errno, "cannot mount the image for %s", mount->target);
    place = resolve_open(whole, mount->subpath, O_PATH, 0);
    if (place >= 0 && fstat(place, &status) == 0)
        part = filesystem_clone(place, "", false);
    if (part < 0)
        return fail(failure, STAGE_MOUNT, errno, "cannot open %s in the image for %s", mount->subpath,
                    mount->target);
    if (umount2(root->spec->run_dir, MNT_DETACH))
        return fail(failure, STAGE_MOUNT, errno, "cannot take off the image for %s", mount->target);
    return root_attach(root, part, mount->target, S_ISDIR(status.st_mode), failure);
}

static bool root_has_mode(char *const *data)
{
    for (; *data; data++)
        if (strncmp(*data, "mode=", 5) == 0)
            return true;
    return false;
}

/* A tmpfs without a mode gets that of the folder it covers, as with runc: /run of an image stays 0755. */
static int root_copy_mode(const struct root *root, const char *target, int mount)
{
    CLEANUP_FD int place = resolve_open(root->fd, target, O_PATH, 0);
    struct stat status;

    if (place < 0 || fstat(place, &status) || !S_ISDIR(status.st_mode))
        return 0;
    return fchmodat(mount, ".", status.st_mode & 07777, 0);
}

static int root_mount_new(struct root *root, const struct mount_spec *mount, struct failure *failure)
{
    CLEANUP_FD int fd = -1;
    struct mount_options options;
    uint64_t late = root_late_attributes(mount);
    int result = 0;

    mount_options_parse(mount->options, &options);
    late &= options.set;
    if (mount->host_network) {
        fd = root->remote[mount - root->spec->mounts];
    } else if (strcmp(mount->type, "overlay") == 0) {
        fd = filesystem_overlay(&mount->lower, NULL, NULL, root->spec->run_dir, failure);
        failure->stage = STAGE_MOUNT;
        if (fd >= 0 && filesystem_set(fd, options.set | MOUNT_ATTR_RDONLY, 0, 0, false))
            result =
                fail(failure, STAGE_MOUNT, errno, "cannot set options of the image on %s", mount->target);
    } else {
        fd = filesystem_new(mount->type, mount->source, options.data, options.set & ~late, STAGE_MOUNT,
                            failure);
        if (fd >= 0 && strcmp(mount->type, "tmpfs") == 0 && !root_has_mode(options.data) &&
            root_copy_mode(root, mount->target, fd))
            result =
                fail(failure, STAGE_MOUNT, errno, "cannot set the mode of the tmpfs on %s", mount->target);
    }
    mount_options_free(&options);
    if (fd < 0 || result)
        return -1;
    if (mount->subpath)
        return root_attach_part(root, fd, mount, failure);
    if (root_attach(root, fd, mount->target, true, failure))
        return -1;
    if (strcmp(mount->type, "proc") == 0 && root->proc < 0)
        root->proc = cleanup_steal_fd(&fd);
    else if (late)
        root->late[root->late_count++] = cleanup_steal_fd(&fd);
    return 0;
}

static int root_mount_one(struct root *root, size_t index, struct failure *failure)
{
    const struct mount_spec *mount = &root->spec->mounts[index];

    if (strcmp(mount->type, "bind") == 0)
        return root_bind(root, index, failure);
    if ((strcmp(mount->type, "proc") == 0 || strcmp(mount->type, "sysfs") == 0) &&
        root_refuse_link(root, mount, failure))
        return -1;
    return root_mount_new(root, mount, failure);
}

/* The scratch tmpfs must be attached somewhere so that parts of it can be bound: below the new root, over the
 * same folder, where nobody will see it. */
static int root_mount_scratch(struct root *root, struct failure *failure)
{
    const struct container_spec *spec = root->spec;
    CLEANUP_FD int folder = -1;

    if (spec->content_count == 0 && spec->mask.count == 0)
        return 0;
    root->scratch = filesystem_new("tmpfs", NULL, (char *[]){"mode=0755", NULL},
                                   MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, STAGE_ROOTFS, failure);
    if (root->scratch < 0)
        return -1;
    folder = open(spec->run_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || filesystem_attach(root->scratch, folder))
        return fail(failure, STAGE_ROOTFS, errno, "cannot mount a tmpfs over %s", spec->run_dir);
    return 0;
}

static int root_mount_root(struct root *root, struct failure *failure)
{
    const struct container_spec *spec = root->spec;
    CLEANUP_FD int overlay =
        filesystem_overlay(&spec->lower, spec->upper, spec->work, spec->run_dir, failure);
    CLEANUP_FD int folder = -1;

    if (overlay < 0)
        return -1;
    folder = open(spec->run_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || filesystem_attach(overlay, folder))
        return fail(failure, STAGE_ROOTFS, errno, "cannot attach the root at %s", spec->run_dir);
    root->fd = cleanup_steal_fd(&overlay);
    return 0;
}

int root_mount(const struct container_spec *spec, const int *remote, struct root *root,
               struct failure *failure)
{
    *root = (struct root){.spec = spec, .fd = -1, .scratch = -1, .proc = -1, .dev = -1, .remote = remote};
    if (root_take_sources(root, failure))
        return -1;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        return fail(failure, STAGE_NAMESPACE, errno, "cannot make the mounts private");
    if (root_mount_scratch(root, failure) || root_mount_root(root, failure))
        return -1;
    for (size_t i = 0; i < spec->mount_count; i++)
        if (root_mount_one(root, i, failure))
            return -1;
    return content_mount_all(root, failure);
}

int root_pivot(struct root *root, struct failure *failure)
{
    /* With both arguments the same folder the old root ends up on top of the new one, to be taken off at
     * once. */
    if (fchdir(root->fd) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
        return fail(failure, STAGE_ROOTFS, errno, "cannot change to the new root");
    return 0;
}
