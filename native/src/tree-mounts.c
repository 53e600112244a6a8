#include "tree-mounts.h"

#include "cleanup.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

struct volume {
    char *source;
    char *target;
    bool read_only;
    int fd;
};

/* SOURCE:TARGET:ro|rw; the target starts at the last `:/`, a source may have colons. */
static bool parse_volume(const char *text, struct volume *volume)
{
    const char *mode = strrchr(text, ':');
    if (mode == NULL || (strcmp(mode, ":ro") != 0 && strcmp(mode, ":rw") != 0))
        return false;
    const char *target = NULL;
    for (const char *at = text; at < mode; at++)
        if (at[0] == ':' && at[1] == '/')
            target = at;
    if (target == NULL || target == text)
        return false;
    volume->source = memory_format("%.*s", (int)(target - text), text);
    volume->target = memory_format("%.*s", (int)(mode - target - 1), target + 1);
    volume->read_only = strcmp(mode, ":ro") == 0;
    return true;
}

static int open_volume(const char *text, struct volume *volume, struct failure *failure)
{
    if (!parse_volume(text, volume))
        return fail(failure, STAGE_REQUEST, EINVAL, "--mount %s is not SOURCE:TARGET:ro|rw", text);
    volume->fd = open_tree(AT_FDCWD, volume->source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (volume->fd < 0)
        return fail(failure, STAGE_MOUNT, errno, "opening %s", volume->source);
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    if (volume->read_only && mount_setattr(volume->fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) < 0)
        return fail(failure, STAGE_MOUNT, errno, "making %s read-only", volume->source);
    return 0;
}

static int configure_overlay(int fs, const struct tree_options *options)
{
    /* overlayfs wants the topmost first. */
    for (size_t i = options->lower_count; i-- > 0;)
        if (fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir+", options->lower[i], 0) < 0)
            return -1;
    if (options->upper != NULL && (fsconfig(fs, FSCONFIG_SET_STRING, "upperdir", options->upper, 0) < 0 ||
                                   fsconfig(fs, FSCONFIG_SET_STRING, "workdir", options->work, 0) < 0))
        return -1;
    /* Redirects and metadata-only copies would make the write layer unreadable without what is below it. */
    if (fsconfig(fs, FSCONFIG_SET_STRING, "redirect_dir", "off", 0) < 0 ||
        fsconfig(fs, FSCONFIG_SET_STRING, "metacopy", "off", 0) < 0)
        return -1;
    return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

static int mount_overlay(const struct tree_options *options, struct failure *failure)
{
    if (options->lower_count == 0) {
        int fd = open_tree(AT_FDCWD, options->upper, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
        return fd >= 0 ? fd : fail(failure, STAGE_ROOTFS, errno, "opening %s", options->upper);
    }
    CLEANUP_FD int fs = fsopen("overlay", FSOPEN_CLOEXEC);
    if (fs < 0 || configure_overlay(fs, options) < 0)
        return fail(failure, STAGE_ROOTFS, errno, "mounting the layers");
    int fd = fsmount(fs, FSMOUNT_CLOEXEC, 0);
    return fd >= 0 ? fd : fail(failure, STAGE_ROOTFS, errno, "mounting the layers");
}

/* A container that never ran has no mount points yet. */
static int make_target(int root, const struct volume *volume, bool directory)
{
    for (const char *end = volume->target; *end != '\0';) {
        end += strspn(end, "/");
        size_t length = strcspn(end, "/");
        if (length == 0)
            break;
        CLEANUP_FREE char *parent = memory_format("%.*s", (int)(end - volume->target), volume->target);
        CLEANUP_FREE char *name = memory_format("%.*s", (int)length, end);
        CLEANUP_FD int fd = tree_open_inside(root, parent, O_RDONLY | O_DIRECTORY);
        if (fd < 0)
            return -1;
        bool last = end[length] == '\0';
        int made = last && !directory ? mknodat(fd, name, S_IFREG | 0644, 0) : mkdirat(fd, name, 0755);
        if (made < 0 && errno != EEXIST)
            return -1;
        end += length;
    }
    return tree_open_inside(root, volume->target, O_PATH);
}

static int attach_volume(int root, const struct volume *volume, struct failure *failure)
{
    struct stat status;
    if (fstat(volume->fd, &status) < 0)
        return fail(failure, STAGE_MOUNT, errno, "looking at %s", volume->source);
    CLEANUP_FD int target = tree_open_inside(root, volume->target, O_PATH);
    if (target < 0 && errno == ENOENT)
        target = make_target(root, volume, S_ISDIR(status.st_mode));
    if (target < 0 || move_mount(volume->fd, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
        return fail(failure, STAGE_MOUNT, errno, "mounting %s at %s", volume->source, volume->target);
    return 0;
}

static int attach_all(int root, const struct tree_options *options, struct volume *volumes, struct failure *failure)
{
    /* Mounts can only be made below one that is itself attached; in this namespace any folder will do. */
    if (move_mount(root, "", AT_FDCWD, options->upper, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return fail(failure, STAGE_ROOTFS, errno, "attaching the layers");
    for (size_t i = 0; i < options->mount_count; i++)
        if (attach_volume(root, &volumes[i], failure) < 0)
            return -1;
    return 0;
}

int tree_open_merged(const struct tree_options *options, struct failure *failure)
{
    if (options->upper == NULL || options->work == NULL)
        return fail(failure, STAGE_REQUEST, EINVAL, "one of --root, --pid and --upper with --work is needed");
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return fail(failure, STAGE_NAMESPACE, errno, "making a mount namespace");
    struct volume *volumes = memory_allocate(options->mount_count + 1, sizeof *volumes);
    int result = 0;
    /* Before the layers are attached, which hides part of the host. */
    for (size_t i = 0; i < options->mount_count; i++)
        volumes[i].fd = -1;
    for (size_t i = 0; result == 0 && i < options->mount_count; i++)
        result = open_volume(options->mounts[i], &volumes[i], failure);
    CLEANUP_FD int root = result == 0 ? mount_overlay(options, failure) : -1;
    result = root < 0 ? -1 : attach_all(root, options, volumes, failure);
    for (size_t i = 0; i < options->mount_count; i++) {
        cleanup_close_fd(&volumes[i].fd);
        free(volumes[i].source);
        free(volumes[i].target);
    }
    free(volumes);
    return result < 0 ? -1 : cleanup_steal_fd(&root);
}
