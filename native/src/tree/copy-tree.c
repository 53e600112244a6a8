#include "cleanup.h"
#include "json.h"
#include "memory.h"
#include "operations.h"
#include "resolve.h"
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>

struct copy {
    int target; /* the top folder, for links between files */
    int64_t count;
    struct inode_map links;
    struct failure *failure;
};

/* One stretch of data, within the kernel as far as the file systems allow. */
static int copy_range(int from, int to, off_t start, off_t end)
{
    off_t at = start;

    while (at < end) {
        loff_t in = at, out = at;
        ssize_t n = copy_file_range(from, &in, to, &out, (size_t)(end - at), 0);

        if (n < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)) {
            if (lseek(to, at, SEEK_SET) < 0)
                return -1;
            in = at;
            n = sendfile(to, from, &in, (size_t)(end - at));
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break; /* it has become shorter */
        at += n;
    }
    return 0;
}

/* Holes stay holes. */
static int copy_data(int from, int to, off_t size)
{
    off_t at = 0;

    if (size == 0 || ioctl(to, FICLONE, from) == 0)
        return 0;
    while (at < size) {
        off_t data = lseek(from, at, SEEK_DATA), end;

        if (data < 0 && errno == ENXIO)
            break;
        if (data < 0)
            data = at;
        end = lseek(from, data, SEEK_HOLE);
        if (end < 0)
            end = size;
        if (copy_range(from, to, data, end))
            return -1;
        at = end;
    }
    return ftruncate(to, size);
}

static int copy_file(int from, int to, const char *name, const struct stat *status)
{
    CLEANUP_FD int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    CLEANUP_FD int out = -1;

    if (in < 0)
        return -1;
    out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return out < 0 ? -1 : copy_data(in, out, status->st_size);
}

static int copy_link(int from, int to, const char *name)
{
    char link[PATH_MAX];
    ssize_t n = readlinkat(from, name, link, sizeof link - 1);

    if (n < 0)
        return -1;
    link[n] = '\0';
    return symlinkat(link, to, name);
}

static int copy_content(struct copy *copy, int from, int to, const char *path);

static int copy_folder(struct copy *copy, int from, int to, const char *name, const char *path)
{
    CLEANUP_FD int source = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    CLEANUP_FD int target = -1;

    if (source < 0 || mkdirat(to, name, 0700))
        return fail(copy->failure, STAGE_TREE, errno, "cannot copy folder %s", path);
    target = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (target < 0)
        return fail(copy->failure, STAGE_TREE, errno, "cannot open the copy of %s", path);
    return copy_content(copy, source, target, path);
}

/* 1: it is another name of a file that has been copied, and has been linked. */
static int copy_known(struct copy *copy, int to, const char *name, const char *path,
                      const struct stat *status)
{
    const char *first = NULL;

    if (status->st_nlink > 1 && !S_ISDIR(status->st_mode))
        first = inode_map_visit(&copy->links, status, path);
    if (!first)
        return 0;
    if (linkat(copy->target, first, to, name, 0))
        return fail(copy->failure, STAGE_TREE, errno, "cannot link %s to %s", path, first);
    copy->count++;
    return 1;
}

static int copy_entry(struct copy *copy, int from, int to, const char *name, const char *path)
{
    struct stat status;
    int result;

    if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW))
        return fail(copy->failure, STAGE_TREE, errno, "cannot read %s", path);
    if (S_ISSOCK(status.st_mode))
        return 0; /* nobody listens behind a copy */
    result = copy_known(copy, to, name, path, &status);
    if (result)
        return result < 0 ? -1 : 0;
    if (S_ISDIR(status.st_mode)) {
        if (copy_folder(copy, from, to, name, path))
            return -1;
    } else {
        result = S_ISREG(status.st_mode)   ? copy_file(from, to, name, &status)
                 : S_ISLNK(status.st_mode) ? copy_link(from, to, name)
                                           : mknodat(to, name, status.st_mode & S_IFMT, status.st_rdev);
        if (result)
            return fail(copy->failure, STAGE_TREE, errno, "cannot copy %s", path);
    }
    copy->count++;
    return copy_metadata(from, to, name, &status, copy->failure);
}

static int copy_content(struct copy *copy, int from, int to, const char *path)
{
    int list_fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = list_fd < 0 ? NULL : fdopendir(list_fd);
    struct dirent *entry;
    int result = 0;

    if (!list) {
        cleanup_close_fd(&list_fd);
        return fail(copy->failure, STAGE_TREE, errno, "cannot list %s", *path ? path : "the folder");
    }
    while (result == 0 && (errno = 0, entry = readdir(list))) {
        CLEANUP_FREE char *below = NULL;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        below = memory_format("%s%s%s", path, *path ? "/" : "", entry->d_name);
        result = copy_entry(copy, from, to, entry->d_name, below);
    }
    /* A copy that ends early must not pass for a whole one. */
    if (result == 0 && errno != 0)
        result = fail(copy->failure, STAGE_TREE, errno, "cannot list %s", *path ? path : "the folder");
    closedir(list);
    return result;
}

int copy_tree(int source, int target, int64_t *count, struct failure *failure)
{
    struct copy copy = {.target = target, .failure = failure};
    struct stat status;
    int result;

    if (fstat(source, &status))
        return fail(failure, STAGE_TREE, errno, "cannot read the source folder");
    result = copy_content(&copy, source, target, "");
    inode_map_free(&copy.links);
    *count = copy.count;
    return result ? result : copy_folder_metadata(source, target, &status, failure);
}

static int copy_open(const char *root, const char *path, bool make, struct failure *failure)
{
    CLEANUP_FD int base = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd;

    if (base < 0)
        return fail(failure, STAGE_TREE, errno, "cannot open %s", root);
    if (make && mkdirat(base, path, 0700) && errno != EEXIST)
        return fail(failure, STAGE_TREE, errno, "cannot make %s in %s", path, root);
    fd = resolve_beneath(base, *path ? path : ".", O_RDONLY | O_DIRECTORY);
    return fd < 0 ? fail(failure, STAGE_TREE, errno, "cannot open %s in %s", path, root) : fd;
}

static int copy_run(const struct request *request, int64_t *count, struct failure *failure)
{
    static const char *const keys[] = {"source_root", "source", "target_root", "target", NULL};
    const char *source_root, *source, *target_root, *target;
    CLEANUP_FD int from = -1, to = -1;

    if (proto_check_keys(request, keys, failure) ||
        proto_require(request, "source_root", &source_root, failure) ||
        proto_require(request, "source", &source, failure) ||
        proto_require(request, "target_root", &target_root, failure) ||
        proto_require(request, "target", &target, failure))
        return -1;
    from = copy_open(source_root, source, false, failure);
    if (from < 0)
        return -1;
    to = copy_open(target_root, target, *target != '\0', failure);
    return to < 0 ? -1 : copy_tree(from, to, count, failure);
}

int operation_copy_tree(const struct request *request, int reply)
{
    struct failure failure;
    struct json json = {0};
    int64_t count = 0;

    if (copy_run(request, &count, &failure)) {
        json_write_failure(reply, request->id, &failure);
        return 1;
    }
    json_reply_begin(&json, request->id);
    json_integer(&json, "copied", count);
    json_object_end(&json);
    json_write_line(&json, reply);
    json_free(&json);
    return 0;
}
