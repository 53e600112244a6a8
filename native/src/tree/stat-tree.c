#include "cleanup.h"
#include "json.h"
#include "memory.h"
#include "operations.h"
#include "resolve.h"
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct tree_size {
    int64_t bytes, inodes;
    dev_t device;
    struct inode_map links;
    struct failure *failure;
};

static int stat_tree_folder(struct tree_size *size, int folder);

/* A file with several names counts once; another file system does not count. */
static int stat_tree_entry(struct tree_size *size, int parent, const char *name)
{
    struct stat status;
    int folder;

    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT ? 0 : fail(size->failure, STAGE_TREE, errno, "cannot read %s", name);
    if (status.st_dev != size->device ||
        (!S_ISDIR(status.st_mode) && status.st_nlink > 1 && inode_map_visit(&size->links, &status, "")))
        return 0;
    size->inodes++;
    if (!S_ISDIR(status.st_mode)) {
        size->bytes += status.st_size;
        return 0;
    }
    folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return errno == ENOENT ? 0 : fail(size->failure, STAGE_TREE, errno, "cannot open %s", name);
    return stat_tree_folder(size, folder);
}

static int stat_tree_folder(struct tree_size *size, int folder)
{
    DIR *list = fdopendir(folder);
    struct dirent *entry;
    int result = 0;

    if (!list) {
        close(folder);
        return fail(size->failure, STAGE_TREE, errno, "cannot list a folder");
    }
    while (result == 0 && (entry = readdir(list)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            result = stat_tree_entry(size, dirfd(list), entry->d_name);
    closedir(list);
    return result;
}

static int stat_tree(const char *root, const char *path, struct tree_size *size)
{
    CLEANUP_FD int base = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_FD int top = -1;
    struct stat status;

    if (base >= 0)
        top = resolve_beneath(base, *path ? path : ".", O_RDONLY | O_DIRECTORY);
    if (top < 0 || fstat(top, &status))
        return fail(size->failure, STAGE_TREE, errno, "cannot open %s in %s", path, root);
    size->device = status.st_dev;
    size->inodes = 1;
    return stat_tree_folder(size, cleanup_steal_fd(&top));
}

int operation_stat_tree(const struct request *request, int reply)
{
    static const char *const keys[] = {"root", "path", NULL};
    struct failure failure;
    struct tree_size size = {.failure = &failure};
    struct json json = {0};
    const char *root, *path;

    if (proto_check_keys(request, keys, &failure) || proto_require(request, "root", &root, &failure) ||
        proto_require(request, "path", &path, &failure) || stat_tree(root, path, &size)) {
        json_write_failure(reply, request->id, &failure);
        return 1;
    }
    json_reply_begin(&json, request->id);
    json_integer(&json, "bytes", size.bytes);
    json_integer(&json, "inodes", size.inodes);
    json_object_end(&json);
    json_write_line(&json, reply);
    json_free(&json);
    return 0;
}
