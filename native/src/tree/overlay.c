#include "cleanup.h"
#include "filesystem.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* No formats in the write layer that only the same stack of layers could read: what commit packs must be
 * plain. */
#define OVERLAY_PLAIN "index=off,redirect_dir=off,metacopy=off"

/* fsconfig takes strings of at most 255 bytes. */
#define OVERLAY_STRING_MAX 255

/* A long path goes in by way of an fd. */
static int overlay_folder(int context, const char *key, const char *path)
{
    CLEANUP_FD int folder = -1;
    char link[40];

    if (strlen(path) <= OVERLAY_STRING_MAX)
        return fsconfig(context, FSCONFIG_SET_STRING, key, path, 0);
    folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -1;
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    return fsconfig(context, FSCONFIG_SET_STRING, key, link, 0);
}

static int overlay_configure(int context, const struct string_list *lower, const char *upper,
                             const char *work, const char **culprit)
{
    static const char *const plain[][2] = {{"index", "off"}, {"redirect_dir", "off"}, {"metacopy", "off"}};

    for (size_t i = 0; i < 3; i++)
        if (fsconfig(context, FSCONFIG_SET_STRING, *culprit = plain[i][0], plain[i][1], 0))
            return -1;
    fsconfig(context, FSCONFIG_SET_STRING, "source", "overlay", 0);
    for (size_t i = lower->count; i > 0; i--)
        if (overlay_folder(context, "lowerdir+", *culprit = lower->items[i - 1]))
            return -1;
    if (upper && (overlay_folder(context, "upperdir", *culprit = upper) ||
                  overlay_folder(context, "workdir", *culprit = work)))
        return -1;
    *culprit = upper ? upper : lower->items[0];
    return fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

static int overlay_fail(int context, const char *culprit, int error, struct failure *failure)
{
    char said[300];
    ssize_t n = read(context, said, sizeof said - 1);

    said[n > 0 ? n : 0] = '\0';
    said[strcspn(said, "\n")] = '\0';
    return fail(failure, STAGE_ROOTFS, error, "cannot make the overlay root at %s%s%s", culprit,
                n > 2 ? ": " : "", n > 2 ? said + 2 : "");
}

/* Before 6.5 any option is taken, to be read as one text at the end; since then an unknown one is an error at
 * once, and what the kernel says about it is not of interest. */
static bool overlay_reads_text(int context)
{
    char said[128];

    if (fsconfig(context, FSCONFIG_SET_FLAG, "no_such_option", NULL, 0) == 0)
        return true;
    while (read(context, said, sizeof said) > 0)
        ;
    return false;
}

/* One layer and nothing to write: overlayfs wants two, the layer itself is the same. */
static int overlay_single(const char *layer, struct failure *failure)
{
    CLEANUP_FD int mount = filesystem_clone(AT_FDCWD, layer, false);

    if (mount < 0 || filesystem_set(mount, MOUNT_ATTR_RDONLY, 0, MS_PRIVATE, false))
        return fail(failure, STAGE_ROOTFS, errno, "cannot mount layer %s", layer);
    return cleanup_steal_fd(&mount);
}

static int overlay_write_layer_only(const char *upper, struct failure *failure)
{
    CLEANUP_FD int mount = filesystem_clone(AT_FDCWD, upper, false);

    if (mount < 0 || filesystem_set(mount, 0, 0, MS_PRIVATE, false))
        return fail(failure, STAGE_ROOTFS, errno, "cannot mount write layer %s", upper);
    return cleanup_steal_fd(&mount);
}

/* An image may have one layer several times, an empty one most often; overlayfs takes a folder only once.
 * What the uppermost of them holds covers all that the others could show. */
static struct string_list overlay_without_repeats(const struct string_list *lower)
{
    struct string_list kept = {.items = memory_allocate(lower->count + 1, sizeof *kept.items)};

    for (size_t i = 0; i < lower->count; i++) {
        bool repeated = false;

        for (size_t j = i + 1; j < lower->count && !repeated; j++)
            repeated = strcmp(lower->items[i], lower->items[j]) == 0;
        if (!repeated)
            kept.items[kept.count++] = lower->items[i];
    }
    return kept;
}

static int overlay_mount(const struct string_list *lower, const char *upper, const char *work,
                         const char *scratch, struct failure *failure)
{
    CLEANUP_FD int context = -1;
    const char *culprit = "";
    int mount;

    if (lower->count == 0)
        return overlay_write_layer_only(upper, failure);
    if (lower->count == 1 && !upper)
        return overlay_single(lower->items[0], failure);
    context = fsopen("overlay", FSOPEN_CLOEXEC);
    if (context < 0)
        return fail(failure, STAGE_ROOTFS, errno, "cannot mount overlay: the kernel does not know it");
    if (overlay_reads_text(context))
        return filesystem_overlay_old(lower, upper, work, scratch, failure);
    if (overlay_configure(context, lower, upper, work, &culprit))
        return overlay_fail(context, culprit, errno, failure);
    mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
    return mount < 0 ? overlay_fail(context, culprit, errno, failure) : mount;
}

int filesystem_overlay(const struct string_list *lower, const char *upper, const char *work,
                       const char *scratch, struct failure *failure)
{
    struct string_list kept = overlay_without_repeats(lower);
    int mount = overlay_mount(&kept, upper, work, scratch, failure);

    free(kept.items);
    return mount;
}

/* Links with short names to all folders, in a tmpfs over `scratch`: the option text then has four bytes a
 * layer. */
static int overlay_link_all(const struct string_list *lower, const char *upper, const char *work,
                            const char *scratch, char **options)
{
    char name[24];
    CLEANUP_FREE char *text = memory_allocate(lower->count + 1, sizeof name);
    size_t length = 0;

    if (mount("tmpfs", scratch, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) || chdir(scratch))
        return -1;
    for (size_t i = lower->count; i > 0; i--) {
        snprintf(name, sizeof name, "%zu", i);
        if (symlink(lower->items[i - 1], name))
            return -1;
        length += (size_t)sprintf(text + length, "%s%s", length ? ":" : "", name);
    }
    if (upper && (symlink(upper, "u") || symlink(work, "w") || mkdir("m", 0755)))
        return -1;
    if (!upper && mkdir("m", 0755))
        return -1;
    *options = memory_format("lowerdir=%s%s,%s", text, upper ? ",upperdir=u,workdir=w" : "", OVERLAY_PLAIN);
    return 0;
}

int filesystem_overlay_old(const struct string_list *lower, const char *upper, const char *work,
                           const char *scratch, struct failure *failure)
{
    CLEANUP_FREE char *options = NULL;
    CLEANUP_FD int clone = -1;

    if (overlay_link_all(lower, upper, work, scratch, &options))
        return fail(failure, STAGE_ROOTFS, errno, "cannot prepare the overlay root in %s", scratch);
    if (mount("overlay", "m", "overlay", 0, options))
        return fail(failure, STAGE_ROOTFS, errno, "cannot make the overlay root at %s (%zu layers)",
                    upper ? upper : lower->items[0], lower->count);
    clone = filesystem_clone(AT_FDCWD, "m", false);
    if (clone < 0 || chdir("/") || umount2(scratch, MNT_DETACH))
        return fail(failure, STAGE_ROOTFS, errno, "cannot take the overlay root from %s", scratch);
    return cleanup_steal_fd(&clone);
}
