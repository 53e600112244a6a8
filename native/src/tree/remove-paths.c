#include "remove-paths.h"

#include "cleanup.h"
#include "memory.h"
#include "read-records.h"
#include "tree-root.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* `a`: whatever it is, `d`: only a directory, `f`: only what is none. */
static bool is_meant(char kind, int parent, const char *name)
{
    struct stat status;
    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    return kind == 'a' || S_ISDIR(status.st_mode) == (kind == 'd');
}

/* 1 when something was removed. What is mounted there or below stays, and so does what holds it. */
static int remove_path(int root, char kind, const char *path, struct failure *failure)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash[1] == '\0' || strcmp(slash, "/..") == 0 || strcmp(slash, "/.") == 0)
        return fail(failure, STAGE_REQUEST, EINVAL, "%.200s is not an absolute path of something", path);
    CLEANUP_FREE char *folder = memory_format("%.*s/", (int)(slash - path), path);
    CLEANUP_FD int parent = tree_open_inside(root, folder, O_PATH | O_DIRECTORY);
    if (parent < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : fail(failure, STAGE_TREE, errno, "%s: opening its folder", path);
    if (!is_meant(kind, parent, slash + 1))
        return 0;
    if (remove_tree(parent, slash + 1, failure) == 0)
        return 1;
    return failure->error == EXDEV || failure->error == EBUSY ? 0 : -1;
}

/* Only in the container's own mount namespace does the kernel refuse to remove what something is mounted on.
 */
static int enter_mounts(const struct tree_options *tree, struct failure *failure)
{
    char path[64];
    if (tree->pid == 0)
        return 0;
    snprintf(path, sizeof path, "/proc/%d/ns/mnt", tree->pid);
    CLEANUP_FD int ns = open(path, O_RDONLY | O_CLOEXEC);
    if (ns < 0 || setns(ns, CLONE_NEWNS) < 0)
        return fail(failure, STAGE_NAMESPACE, errno, "entering the mount namespace of process %d", tree->pid);
    return 0;
}

static int remove_all(const struct tree_options *tree, const struct records *records, int64_t *removed,
                      struct failure *failure)
{
    CLEANUP_FD int root = tree_open(tree, failure);
    if (root < 0 || enter_mounts(tree, failure) < 0)
        return -1;
    for (size_t i = 0; i < records->count; i += 2) {
        int result = remove_path(root, records->items[i][0], records->items[i + 1], failure);
        if (result < 0)
            return -1;
        *removed += result;
    }
    return 0;
}

int remove_paths_main(int argc, char **argv)
{
    struct failure failure = {0};
    struct tree_options tree = {0};
    struct records records = {0};
    int64_t removed = 0;
    int result = 0;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0; result == 0 && i < argc; i += 2)
        if (i + 1 == argc || tree_option(&tree, argv[i], argv[i + 1], &failure) <= 0)
            result =
                fail(&failure, STAGE_REQUEST, EINVAL, "unknown option %s, or its value is wrong", argv[i]);
    if (result == 0)
        result = read_records(&records, 2, &failure);
    if (result == 0)
        result = remove_all(&tree, &records, &removed, &failure);
    records_free(&records);
    tree_options_free(&tree);
    return tree_report(result, &failure, removed, 0);
}
