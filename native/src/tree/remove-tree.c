#include "cleanup.h"
#include "json.h"
#include "operations.h"
#include "resolve.h"
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Each level keeps a folder open; what is deeper is moved up first. */
#define REMOVE_MAX_DEPTH 200
/* Another process may be at the same tree: it removes what is looked at, or, dying, ends its last write. */
#define REMOVE_ATTEMPTS 50
#define REMOVE_PAUSE_US 2000

struct remove {
    int top;        /* the folder that is being removed */
    unsigned moved; /* folders moved up into it so far */
    bool failed;
    struct failure *failure;
};

static int remove_fail(struct remove *remove, int error, const char *name)
{
    const char *reason = error == EPERM                     ? ": it or its folder is immutable or append-only"
                         : error == EXDEV || error == EBUSY ? ": something is mounted there"
                                                            : "";

    if (!remove->failed)
        fail(remove->failure, STAGE_TREE, error, "cannot remove %s%s", name, reason);
    remove->failed = true;
    return -1;
}

static int remove_content(struct remove *remove, int folder, int depth);

static bool is_filled(int error)
{
    return error == ENOTEMPTY || error == EEXIST;
}

/* Up to the top of the tree, under a name that nobody else has taken there. */
static int move_up(struct remove *remove, int parent, const char *name)
{
    char place[32];

    do {
        snprintf(place, sizeof place, ".removing-%u", remove->moved++);
        if (renameat(parent, name, remove->top, place) == 0 || errno == ENOENT)
            return 0;
    } while (is_filled(errno));
    return remove_fail(remove, errno, name);
}

enum removal { REMOVAL_DONE, REMOVAL_FAILED, REMOVAL_AGAIN };

/* The folder itself, once it was emptied; again (after a pause) when it was filled meanwhile. */
static enum removal remove_emptied(struct remove *remove, int parent, const char *name, int attempt)
{
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return REMOVAL_DONE;
    if (!is_filled(errno) || attempt == REMOVE_ATTEMPTS) {
        remove_fail(remove, errno, name);
        return REMOVAL_FAILED;
    }
    usleep(REMOVE_PAUSE_US);
    return REMOVAL_AGAIN;
}

static int remove_folder(struct remove *remove, int parent, const char *name, int depth)
{
    enum removal removal = REMOVAL_AGAIN;

    if (depth >= REMOVE_MAX_DEPTH)
        return move_up(remove, parent, name);
    for (int attempt = 1; removal == REMOVAL_AGAIN; attempt++) {
        int folder = resolve_beneath(parent, name, O_RDONLY | O_DIRECTORY);

        if (folder < 0)
            return errno == ENOENT ? 0 : remove_fail(remove, errno, name);
        if (remove_content(remove, folder, depth + 1))
            return -1;
        removal = remove_emptied(remove, parent, name, attempt);
    }
    return removal == REMOVAL_DONE ? 0 : -1;
}

static int remove_entry(struct remove *remove, int parent, const struct dirent *entry, int depth)
{
    if (entry->d_type != DT_DIR) {
        if (unlinkat(parent, entry->d_name, 0) == 0 || errno == ENOENT)
            return 0;
        if (errno != EISDIR)
            return remove_fail(remove, errno, entry->d_name);
    }
    return remove_folder(remove, parent, entry->d_name, depth);
}

/* Takes over `folder`. Goes on after an error, so that as little as possible is left. */
static int remove_content(struct remove *remove, int folder, int depth)
{
    DIR *list = fdopendir(folder);
    struct dirent *entry;
    int result = 0;

    if (!list) {
        close(folder);
        return remove_fail(remove, errno, "a folder");
    }
    while ((entry = readdir(list)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            remove_entry(remove, dirfd(list), entry, depth))
            result = -1;
    closedir(list);
    return result;
}

/* Again while there were folders too deep: each round takes REMOVE_MAX_DEPTH levels away. */
static int remove_levels(struct remove *remove, const char *name)
{
    unsigned moved;

    do {
        int folder = openat(remove->top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        moved = remove->moved;
        if (folder < 0)
            return errno == ENOENT ? 0 : remove_fail(remove, errno, name);
        if (remove_content(remove, folder, 0))
            return -1;
    } while (remove->moved != moved);
    return 0;
}

static int remove_all(struct remove *remove, int parent, const char *name)
{
    enum removal removal = REMOVAL_AGAIN;

    for (int attempt = 1; removal == REMOVAL_AGAIN; attempt++) {
        if (remove_levels(remove, name))
            return -1;
        removal = remove_emptied(remove, parent, name, attempt);
    }
    return removal == REMOVAL_DONE ? 0 : -1;
}

void remove_tree_raise_limit(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

int remove_tree(int root, const char *path, struct failure *failure)
{
    struct remove remove = {.top = -1, .failure = failure};
    CLEANUP_FD int parent = -1, top = -1;
    char *folder = strdupa(path);
    char *name;

    while (*folder && folder[strlen(folder) - 1] == '/')
        folder[strlen(folder) - 1] = '\0';
    name = strrchr(folder, '/');
    if (name)
        *name++ = '\0';
    parent = resolve_beneath(root, name && *folder ? folder : ".", O_PATH | O_DIRECTORY);
    name = name ? name : folder;
    if (!*name || *path == '/' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return fail(failure, STAGE_REQUEST, EINVAL, "remove_tree: \"%.100s\" is not a path below the root",
                    path);
    if (parent >= 0)
        top = remove.top = resolve_beneath(parent, name, O_RDONLY | O_DIRECTORY);
    if (top >= 0)
        return remove_all(&remove, parent, name);
    if (errno == ENOENT)
        return 0;
    /* Not a folder: a file, or a link that is removed itself. */
    if (parent >= 0 && (errno == ENOTDIR || errno == ELOOP) && unlinkat(parent, name, 0) == 0)
        return 0;
    return fail(failure, STAGE_TREE, errno, "cannot open %s in order to remove it", path);
}

int operation_remove_tree(const struct request *request, int reply)
{
    static const char *const keys[] = {"root", "path", NULL};
    struct failure failure;
    const char *base, *path;
    CLEANUP_FD int root = -1;
    int result = -1;

    remove_tree_raise_limit();
    if (proto_check_keys(request, keys, &failure) == 0 &&
        proto_require(request, "root", &base, &failure) == 0 &&
        proto_require(request, "path", &path, &failure) == 0) {
        root = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root < 0)
            fail(&failure, STAGE_TREE, errno, "cannot open %s", base);
        else
            result = remove_tree(root, path, &failure);
    }
    if (result)
        json_write_failure(reply, request->id, &failure);
    else
        json_write_ok(reply, request->id);
    return result ? 1 : 0;
}
