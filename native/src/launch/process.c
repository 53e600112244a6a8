#include "process.h"

#include "cleanup.h"
#include "file.h"
#include "init.h"
#include "memory.h"
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

int process_open(const struct process_spec *spec, struct process_context *context, struct failure *failure)
{
    CLEANUP_FD int fd = -1;
    char *data;
    size_t size;

    *context = (struct process_context){.spec = spec, .report = -1, .proc = -1, .init_program = -1};
    if (!spec->seccomp)
        return 0;
    fd = open(spec->seccomp, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || file_read(fd, BPF_MAXINSNS * sizeof(struct sock_filter), &data, &size))
        return fail(failure, STAGE_SECCOMP, errno, "cannot read the seccomp filter %s", spec->seccomp);
    context->filter.filter = (struct sock_filter *)(void *)data;
    context->filter.len = (unsigned short)(size / sizeof(struct sock_filter));
    if (context->filter.len == 0 || size % sizeof(struct sock_filter) != 0)
        return fail(failure, STAGE_SECCOMP, EINVAL, "%s is not a seccomp filter", spec->seccomp);
    return 0;
}

void process_reset_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* On this very proc: what the container may have mounted on the way is not written to (CVE-2025-52881). */
static int process_write_attribute(int proc, const char *name, const char *text)
{
    CLEANUP_FREE char *path = memory_format("%d/attr/%s", (int)getpid(), name);
    CLEANUP_FD int fd = resolve_beneath(proc, path, O_WRONLY);

    return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

static int process_apparmor(const struct process_context *context, struct failure *failure)
{
    CLEANUP_FREE char *text = NULL;
    CLEANUP_FD int opened = -1;
    int proc = context->proc;
    struct statfs status;

    if (!context->spec->apparmor)
        return 0;
    if (proc < 0)
        proc = opened = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (proc < 0 || fstatfs(proc, &status) || status.f_type != PROC_SUPER_MAGIC)
        return fail(failure, STAGE_CAPABILITY, ENOENT, "an AppArmor label needs a proc mount");
    text = memory_format("exec %s", context->spec->apparmor);
    if (process_write_attribute(proc, "apparmor/exec", text) && process_write_attribute(proc, "exec", text))
        return fail(failure, STAGE_CAPABILITY, errno, "cannot set the AppArmor label %s",
                    context->spec->apparmor);
    return 0;
}

/* The streams become the user's, so that it can open /dev/stdout again. Not what is a device that others
 * share. */
static int process_own_streams(const struct process_user *user, struct failure *failure)
{
    for (int fd = 0; fd < 3; fd++) {
        struct stat status;

        if (fstat(fd, &status) || status.st_uid == user->uid)
            continue;
        if (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode) && !isatty(fd))
            continue;
        if (fchown(fd, user->uid, status.st_gid) && errno != EPERM && errno != EINVAL && errno != EROFS)
            return fail(failure, STAGE_USER, errno, "cannot give stream %d to user %u", fd, user->uid);
    }
    return 0;
}

/* Into the working folder; made when missing, as the container starts. */
static int process_enter_folder(const char *path, bool make, struct failure *failure)
{
    char where[PATH_MAX];

    if (chdir(path) && (errno != ENOENT || !make || file_make_folders(path, 0755) || chdir(path)))
        return fail(failure, STAGE_CWD, errno, "cannot change to the working directory %s", path);
    /* An open folder of the host can be reached through /proc/self/fd, and from there all of it: such a place
     * shows as `(unreachable)`. The text is needed as a whole: one that does not fit is an error without that
     * word. */
    if (syscall(SYS_getcwd, where, sizeof where) < 0 || where[0] != '/')
        return fail(failure, STAGE_CWD, ENOENT, "the working directory %s is outside of the container", path);
    return 0;
}

static int process_change_user(const struct process_user *user, struct failure *failure)
{
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || syscall(SYS_setgroups, user->group_count, user->groups) ||
        syscall(SYS_setresgid, user->gid, user->gid, user->gid) ||
        syscall(SYS_setresuid, user->uid, user->uid, user->uid) || prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0))
        return fail(failure, STAGE_USER, errno, "cannot become user %u:%u", user->uid, user->gid);
    return 0;
}

/* The kernel has cleared it with the change of user. The parent may have ended meanwhile: then its end of the
 * report is closed. */
static int process_set_death_signal(int report)
{
    char byte;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL))
        return -1;
    if (recv(report, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        _exit(255);
    return 0;
}

static int process_install_filter(const struct process_context *context, struct failure *failure)
{
    if (context->filter.len > 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &context->filter))
        return fail(failure, STAGE_SECCOMP, errno, "cannot install the seccomp filter");
    return 0;
}

static char **process_environment(const struct process_spec *spec, const struct process_user *user)
{
    char **env = memory_allocate(spec->env.count + 2, sizeof *env);
    bool has_home = false;

    for (size_t i = 0; i < spec->env.count; i++) {
        env[i] = (char *)spec->env.items[i];
        has_home |= strncmp(env[i], "HOME=", 5) == 0;
    }
    if (!has_home)
        env[spec->env.count] = memory_format("HOME=%s", user->home);
    return env;
}

/* Leaves init behind as process 1; the program's process goes on. */
static int process_fork_init(const struct process_context *context, struct failure *failure)
{
    pid_t child = fork();

    if (child < 0)
        return fail(failure, STAGE_EXEC, errno, "cannot start a process below init");
    if (child > 0) {
        close(context->report);
        if (capability_set(context->spec, false, failure))
            _exit(255);
        init_become(child, context->init_program);
    }
    /* As in a shell: the terminal's signals go to the program's group, init forwards the others. */
    setpgid(0, 0);
    if (context->spec->tty) {
        pid_t group = getpid();

        signal(SIGTTOU, SIG_IGN);
        ioctl(0, TIOCSPGRP, &group);
        signal(SIGTTOU, SIG_DFL);
    }
    return 0;
}

/* As root of the container, with all capabilities. */
static int process_prepare(const struct process_context *context, const struct process_user *user,
                           struct failure *failure)
{
    /* A session keyring of its own; a kernel without keys is no reason to fail. */
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    if (process_apparmor(context, failure) || rlimit_apply(context, failure) ||
        process_own_streams(user, failure))
        return -1;
    umask(022);
    if (process_enter_folder(context->spec->cwd, !context->joined, failure))
        return -1;
    umask((mode_t)context->spec->umask);
    return capability_drop_bounding(context->spec, failure);
}

int process_exec(struct process_context *context, const struct process_user *user, struct failure *failure)
{
    const struct process_spec *spec = context->spec;
    char **env = process_environment(spec, user);

    if (process_prepare(context, user, failure) || process_change_user(user, failure))
        return -1;
    if (context->die_with_parent && process_set_death_signal(context->report))
        return fail(failure, STAGE_EXEC, errno, "cannot set the death signal");
    if (spec->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return fail(failure, STAGE_CAPABILITY, errno, "cannot set no_new_privs");
    /* The filter comes as late as possible: without no_new_privs it needs CAP_SYS_ADMIN a moment longer. */
    if (capability_set(spec, context->filter.len > 0 && !spec->no_new_privs, failure) ||
        capability_set_ambient(spec, failure))
        return -1;
    if (close_range(3, ~0u, CLOSE_RANGE_CLOEXEC))
        return fail(failure, STAGE_EXEC, errno, "cannot close the other files");
    /* Before init is split off, so that the kernel translates the filter once for both. */
    if (process_install_filter(context, failure) || (context->init && process_fork_init(context, failure)) ||
        capability_set(spec, false, failure))
        return -1;
    return program_exec(spec, env, failure);
}
