#include "cleanup.h"
#include "filesystem.h"
#include "json.h"
#include "memory.h"
#include "operations.h"
#include "resolve.h"
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

/* The copy is made beside the target (`TARGET.part`), gets the name `TARGET.copy-up` when it is whole, and
 * only then moves into the target: after a crash at any moment the next copy-up finds out where to go on. */
struct copy_up {
    struct string_list lower;
    const char *path;
    int parent; /* the folder of the target */
    char *target, *part, *whole;
    int64_t count;
};

static int copy_up_parse(const struct request *request, struct copy_up *up, struct failure *failure)
{
    static const char *const keys[] = {"lower", "path", "target", NULL};

    const char *target, *slash;

    if (proto_check_keys(request, keys, failure) || proto_require(request, "path", &up->path, failure) ||
        proto_require(request, "target", &target, failure))
        return -1;
    slash = strrchr(target, '/');
    if (!slash || !slash[1])
        return fail(failure, STAGE_REQUEST, EINVAL, "copy_up: target \"%.100s\" is not an absolute path",
                    target);
    up->lower.items = memory_allocate(request->count, sizeof *up->lower.items);
    for (size_t i = 0; i < request->count; i++)
        if (strcmp(request->pairs[i].key, "lower") == 0)
            up->lower.items[up->lower.count++] = request->pairs[i].value;
    if (up->lower.count == 0)
        return fail(failure, STAGE_REQUEST, EINVAL, "copy_up: key lower is missing");
    up->target = memory_copy_string(slash + 1);
    up->part = memory_format("%s.part", up->target);
    up->whole = memory_format("%s.copy-up", up->target);
    up->parent = open(slash == target ? "/" : strndupa(target, (size_t)(slash - target)),
                      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return up->parent < 0 ? fail(failure, STAGE_TREE, errno, "cannot open the folder of %s", target) : 0;
}

static int copy_up_open(const struct copy_up *up, const char *name, struct failure *failure)
{
    int fd = openat(up->parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd < 0 ? fail(failure, STAGE_TREE, errno, "cannot open %s", name) : fd;
}

/* 1: there is something in it, 0: empty, -1: error. */
static int copy_up_is_filled(const struct copy_up *up, struct failure *failure)
{
    int folder = copy_up_open(up, up->target, failure);
    DIR *list = folder < 0 ? NULL : fdopendir(folder);
    struct dirent *entry;
    int filled = 0;

    if (!list)
        return -1;
    while (!filled && (entry = readdir(list)))
        filled = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(list);
    return filled;
}

/* What the image has at the path, in a private mount namespace; -1 with errno ENOENT or ENOTDIR: nothing to
 * copy. */
static int copy_up_open_source(const struct copy_up *up, struct failure *failure)
{
    CLEANUP_FD int root = -1;
    int source;

    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        return fail(failure, STAGE_NAMESPACE, errno, "cannot make a mount namespace");
    root = filesystem_overlay(&up->lower, NULL, NULL, "/proc", failure);
    if (root < 0) {
        errno = EIO;
        return -1;
    }
    source = resolve_open(root, up->path, O_RDONLY | O_DIRECTORY, 0);
    if (source < 0)
        fail(failure, STAGE_TREE, errno, "cannot open %s in the image", up->path);
    return source;
}

static int copy_up_make_part(struct copy_up *up, int source, struct failure *failure)
{
    CLEANUP_FD int part = -1;

    if (mkdirat(up->parent, up->part, 0700))
        return fail(failure, STAGE_TREE, errno, "cannot make %s", up->part);
    part = copy_up_open(up, up->part, failure);
    if (part < 0 || copy_tree(source, part, &up->count, failure))
        return -1;
    /* On disk before it gets its name: after a power failure a whole copy is whole. */
    if ((up->count > 0 && syncfs(part)) || renameat(up->parent, up->part, up->parent, up->whole))
        return fail(failure, STAGE_TREE, errno, "cannot finish %s", up->part);
    return 0;
}

/* Moves the finished copy into the target. The target itself stays: a running container may have it mounted.
 */
static int copy_up_move(const struct copy_up *up, struct failure *failure)
{
    CLEANUP_FD int target = copy_up_open(up, up->target, failure);
    int whole = target < 0 ? -1 : copy_up_open(up, up->whole, failure);
    DIR *list = whole < 0 ? NULL : fdopendir(whole);
    struct dirent *entry;
    struct stat status;
    int result = 0;

    if (!list)
        return -1;
    if (fstat(whole, &status))
        result = fail(failure, STAGE_TREE, errno, "cannot read %s", up->whole);
    while (result == 0 && (errno = 0, entry = readdir(list)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            renameat2(dirfd(list), entry->d_name, target, entry->d_name, RENAME_NOREPLACE) && errno != EEXIST)
            result = fail(failure, STAGE_TREE, errno, "cannot move %s to %s", entry->d_name, up->target);
    /* What could not be listed must not be removed as if it had been moved. */
    if (result == 0 && errno != 0)
        result = fail(failure, STAGE_TREE, errno, "cannot list %s", up->whole);
    if (result == 0)
        result = copy_folder_metadata(dirfd(list), target, &status, failure);
    closedir(list);
    return result ? result : remove_tree(up->parent, up->whole, failure);
}

static int copy_up_run(struct copy_up *up, struct failure *failure)
{
    CLEANUP_FD int source = -1;
    int filled;

    if (faccessat(up->parent, up->whole, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return copy_up_move(up, failure);
    filled = copy_up_is_filled(up, failure);
    if (filled < 0)
        return -1;
    if (filled || remove_tree(up->parent, up->part, failure))
        return filled ? 0 : -1;
    source = copy_up_open_source(up, failure);
    if (source < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    if (copy_up_make_part(up, source, failure)) {
        struct failure ignored;

        remove_tree(up->parent, up->part, &ignored);
        return -1;
    }
    return copy_up_move(up, failure);
}

int operation_copy_up(const struct request *request, int reply)
{
    struct copy_up up = {0};
    struct failure failure;
    struct json json = {0};

    if (copy_up_parse(request, &up, &failure) || copy_up_run(&up, &failure)) {
        json_write_failure(reply, request->id, &failure);
        return 1;
    }
    json_reply_begin(&json, request->id);
    json_integer(&json, "copied", up.count);
    json_object_end(&json);
    json_write_line(&json, reply);
    json_free(&json);
    return 0;
}
