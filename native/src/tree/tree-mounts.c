#include "tree-mounts.h"

#include "cleanup.h"
#include "filesystem.h"
#include "memory.h"
#include "resolve.h"
#include "tree-root.h"

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

/* `ROOT//SUBPATH`: containers may have put links on the way of the subpath; these do not lead out of the
 * volume. */
static int clone_source(const char *source)
{
    const char *part = strstr(source, "//");
    CLEANUP_FREE char *folder = memory_format("%.*s", part == NULL ? 0 : (int)(part - source), source);
    if (part == NULL)
        return filesystem_clone(AT_FDCWD, source, true);
    CLEANUP_FD int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_FD int place = root < 0 ? -1 : tree_open_inside(root, part + 2, O_PATH);
    return place < 0 ? -1 : filesystem_clone(place, "", true);
}

static int open_volume(const char *text, struct volume *volume, struct failure *failure)
{
    if (!parse_volume(text, volume))
        return fail(failure, STAGE_REQUEST, EINVAL, "--mount %s is not SOURCE:TARGET:ro|rw", text);
    volume->fd = clone_source(volume->source);
    if (volume->fd < 0)
        return fail(failure, STAGE_MOUNT, errno, "opening %s", volume->source);
    if (volume->read_only && filesystem_set(volume->fd, MOUNT_ATTR_RDONLY, 0, 0, true) < 0)
        return fail(failure, STAGE_MOUNT, errno, "making %s read-only", volume->source);
    return 0;
}

static int mount_layers(const struct tree_options *options, struct failure *failure)
{
    if (options->lower_count == 0) {
        int fd = filesystem_clone(AT_FDCWD, options->upper, false);
        return fd >= 0 ? fd : fail(failure, STAGE_ROOTFS, errno, "opening %s", options->upper);
    }
    const struct string_list lower = {.items = options->lower, .count = options->lower_count};
    return filesystem_overlay(&lower, options->upper, options->work, options->upper, failure);
}

static int attach_volume(int root, const struct volume *volume, struct failure *failure)
{
    struct stat status;
    if (fstat(volume->fd, &status) < 0)
        return fail(failure, STAGE_MOUNT, errno, "looking at %s", volume->source);
    /* A container that never ran has no mount points yet. */
    CLEANUP_FD int target = resolve_make(root, volume->target, S_ISDIR(status.st_mode));
    if (target < 0 || filesystem_attach(volume->fd, target) < 0)
        return fail(failure, STAGE_MOUNT, errno, "mounting %s at %s", volume->source, volume->target);
    return 0;
}

static int attach_all(int root, const struct tree_options *options, struct volume *volumes,
                      struct failure *failure)
{
    /* Mounts can only be made below one that is itself attached; in this namespace any folder will do. */
    CLEANUP_FD int place = open(options->upper, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (place < 0 || filesystem_attach(root, place) < 0)
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
    CLEANUP_FD int root = result == 0 ? mount_layers(options, failure) : -1;
    result = root < 0 ? -1 : attach_all(root, options, volumes, failure);
    for (size_t i = 0; i < options->mount_count; i++) {
        cleanup_close_fd(&volumes[i].fd);
        free(volumes[i].source);
        free(volumes[i].target);
    }
    free(volumes);
    return result < 0 ? -1 : cleanup_steal_fd(&root);
}
