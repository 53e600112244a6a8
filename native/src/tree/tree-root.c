#include "tree-root.h"

#include "cleanup.h"
#include "json.h"
#include "memory.h"
#include "procstat.h"
#include "resolve.h"
#include "tree-mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>

int tree_open_inside(int root, const char *path, int flags)
{
    return resolve_open(root, path, (uint64_t)(unsigned)flags, 0);
}

int tree_open_beneath(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    for (;;) {
        long fd = syscall(SYS_openat2, root, path, &how, sizeof how);
        /* EAGAIN: something was renamed while the kernel made sure that nothing leads out. */
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            return (int)fd;
    }
}

static bool parse_unsigned(const char *text, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && *text >= '0' && *text <= '9' && *end == '\0';
}

static void append(const char ***list, size_t *count, const char *value)
{
    *list = memory_resize(*list, *count + 1, sizeof **list);
    (*list)[(*count)++] = value;
}

int tree_option(struct tree_options *options, const char *name, const char *value, struct failure *failure)
{
    uint64_t number;
    if (strcmp(name, "--root") == 0) {
        options->root = value;
    } else if (strcmp(name, "--pid") == 0) {
        if (!parse_unsigned(value, &number) || number == 0 || number > INT32_MAX)
            return fail(failure, STAGE_REQUEST, EINVAL, "--pid %s is not a process id", value);
        options->pid = (pid_t)number;
    } else if (strcmp(name, "--pid-start") == 0) {
        if (!parse_unsigned(value, &options->pid_start))
            return fail(failure, STAGE_REQUEST, EINVAL, "--pid-start %s is not a number", value);
    } else if (strcmp(name, "--lower") == 0) {
        append(&options->lower, &options->lower_count, value);
    } else if (strcmp(name, "--upper") == 0) {
        options->upper = value;
    } else if (strcmp(name, "--work") == 0) {
        options->work = value;
    } else if (strcmp(name, "--mount") == 0) {
        append(&options->mounts, &options->mount_count, value);
    } else {
        return 0;
    }
    return 1;
}

void tree_options_free(struct tree_options *options)
{
    free(options->lower);
    free(options->mounts);
}

static bool started_at(pid_t pid, uint64_t expected)
{
    struct procstat stat;
    return procstat_read(pid, &stat) == 0 && stat.start == expected;
}

/* A clone of the root mount alone: neither volumes nor /proc are in it. */
static int clone_bare_root(pid_t pid, struct failure *failure)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/mnt", pid);
    CLEANUP_FD int ns = open(path, O_RDONLY | O_CLOEXEC);
    if (ns < 0 || setns(ns, CLONE_NEWNS) < 0)
        return fail(failure, STAGE_NAMESPACE, errno, "entering the mount namespace of process %d", pid);
    int fd = open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (fd < 0)
        return fail(failure, STAGE_MOUNT, errno, "opening the root of process %d", pid);
    return fd;
}

static int open_process_root(const struct tree_options *options, struct failure *failure)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/root", options->pid);
    CLEANUP_FD int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    /* The process is looked at after its root was opened: if it is still the right one, so is the root. */
    if (root < 0 || !started_at(options->pid, options->pid_start))
        return fail(failure, STAGE_REQUEST, ESRCH, "the container has ended");
    if (options->bare)
        return clone_bare_root(options->pid, failure);
    return cleanup_steal_fd(&root);
}

int tree_open(const struct tree_options *options, struct failure *failure)
{
    if (options->pid > 0)
        return open_process_root(options, failure);
    if (options->root == NULL)
        return tree_open_merged(options, failure);
    int fd = open(options->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(failure, STAGE_REQUEST, errno, "opening %s", options->root);
    return fd;
}

int tree_report(int result, const struct failure *failure, int64_t entries, int64_t bytes)
{
    struct json json = {0};
    json_object_begin(&json, NULL);
    json_boolean(&json, "ok", result == 0);
    if (result == 0) {
        json_integer(&json, "entries", entries);
        json_integer(&json, "bytes", bytes);
    } else {
        json_string(&json, "stage", error_stage_name(failure->stage));
        json_string(&json, "errno", error_errno_name(failure->error));
        json_string(&json, "message", failure->text);
    }
    json_object_end(&json);
    int written = json_write_line(&json, STDERR_FILENO);
    json_free(&json);
    return result == 0 && written == 0 ? 0 : 1;
}
