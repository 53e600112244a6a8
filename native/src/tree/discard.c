#include "cleanup.h"
#include "json.h"
#include "memory.h"
#include "operations.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Nobody holds the lock at this path; a missing file is nobody's. */
static int discard_check_idle(const char *path, struct failure *failure)
{
    CLEANUP_FD int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return errno == ENOENT ? 0 : fail(failure, STAGE_LOCK, errno, "cannot open lock file %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB))
        return fail(failure, STAGE_LOCK, errno, "%s is locked", path);
    return 0;
}

static int discard_check_gone(const char *path, struct failure *failure)
{
    if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return fail(failure, STAGE_CGROUP, EBUSY, "%s is still there", path);
    return errno == ENOENT ? 0 : fail(failure, STAGE_CGROUP, errno, "cannot look for %s", path);
}

/* The folder that holds `path`, and its name there. */
static int discard_open_parent(const char *path, const char **name, struct failure *failure)
{
    const char *slash = strrchr(path, '/');
    CLEANUP_FREE char *parent = slash ? memory_format("%.*s/", (int)(slash - path), path) : NULL;
    int fd;

    if (!slash || !slash[1])
        return fail(failure, STAGE_REQUEST, EINVAL,
                    "discard: \"%.200s\" is not an absolute path of something", path);
    *name = slash + 1;
    fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? fail(failure, STAGE_TREE, errno, "cannot open %s", parent) : fd;
}

/* Nothing is left of a folder below one that is not there either: the run root's, after a reboot. */
static int discard_tree(const char *path, struct failure *failure)
{
    const char *name;
    CLEANUP_FD int parent = discard_open_parent(path, &name, failure);

    if (parent < 0)
        return failure->error == ENOENT ? 0 : -1;
    return remove_tree(parent, name, failure);
}

/* Only as long as it leads to `target`: the name may have become another's. */
static int discard_link(const char *path, const char *target, struct failure *failure)
{
    char now[256];
    ssize_t length = readlink(path, now, sizeof now);

    if (length < 0 || (size_t)length != strlen(target) || memcmp(now, target, (size_t)length) != 0)
        return 0;
    if (unlink(path) && errno != ENOENT)
        return fail(failure, STAGE_TREE, errno, "cannot remove %s", path);
    return 0;
}

/* Out of sight in one step; what comes before may be done again, after it nobody would look for the rest. */
static int discard_move(const struct request *request, const char *from, const char *to,
                        struct failure *failure)
{
    const char *name;
    CLEANUP_FD int parent = discard_open_parent(from, &name, failure);

    if (parent < 0)
        return -1;
    for (size_t i = 0; i < request->count; i++) {
        const char *key = request->pairs[i].key, *path = request->pairs[i].value;

        if ((strcmp(key, "tree") == 0 && discard_tree(path, failure)) ||
            (strcmp(key, "link") == 0 && discard_link(path, name, failure)))
            return -1;
    }
    if (renameat(parent, name, AT_FDCWD, to))
        return fail(failure, STAGE_TREE, errno, "cannot move %s to %s", from, to);
    return fsync(parent) ? fail(failure, STAGE_TREE, errno, "cannot sync the folder of %s", from) : 0;
}

static int discard_check(const struct request *request, struct failure *failure)
{
    static const char *const keys[] = {"lock", "idle", "gone", "tree", "link", "from", "to", NULL};

    if (proto_check_keys(request, keys, failure))
        return -1;
    for (size_t i = 0; i < request->count; i++) {
        const char *key = request->pairs[i].key, *path = request->pairs[i].value;

        if ((strcmp(key, "idle") == 0 && discard_check_idle(path, failure)) ||
            (strcmp(key, "gone") == 0 && discard_check_gone(path, failure)))
            return -1;
    }
    return 0;
}

static int discard_reply(const struct request *request, int reply, const struct failure *left)
{
    struct json json = {0};

    json_reply_begin(&json, request->id);
    if (left)
        json_string(&json, "left", left->text);
    json_object_end(&json);
    json_write_line(&json, reply);
    json_free(&json);
    return 0;
}

int operation_discard(const struct request *request, int reply)
{
    struct failure failure;
    const char *from, *to;

    remove_tree_raise_limit();
    if (discard_check(request, &failure) || proto_require(request, "from", &from, &failure) ||
        proto_require(request, "to", &to, &failure) || discard_move(request, from, to, &failure)) {
        json_write_failure(reply, request->id, &failure);
        return 1;
    }
    return discard_reply(request, reply, discard_tree(to, &failure) ? &failure : NULL);
}
