#include "exec.h"

#include "cgroup.h"
#include "cleanup.h"
#include "process.h"
#include "procstat.h"
#include "pty.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXEC_NAMESPACES (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)

int exec_failure_code(const struct failure *failure)
{
    if ((failure->stage == STAGE_EXEC || failure->stage == STAGE_CWD) && failure->error == ENOENT)
        return 127;
    return 126;
}

int exec_status_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The pidfd names the process for good; what its number means is checked after it was opened. */
static int exec_open_target(const struct exec_target *target, struct failure *failure)
{
    CLEANUP_FD int pidfd = (int)syscall(SYS_pidfd_open, target->pid, 0);
    struct procstat stat;

    if (pidfd < 0 || procstat_read(target->pid, &stat) || stat.start != target->start || stat.state == 'Z')
        return fail(failure, STAGE_NAMESPACE, ESRCH, "the container is not running");
    return cleanup_steal_fd(&pidfd);
}

static int exec_set_streams(const struct exec_streams *streams, struct failure *failure)
{
    const int sources[3] = {streams->in, streams->out, streams->err};
    int high[3];

    /* First out of the way of 0, 1, 2, which may be each other's sources. */
    for (int i = 0; i < 3; i++)
        if ((high[i] = fcntl(sources[i], F_DUPFD_CLOEXEC, 3)) < 0)
            return fail(failure, STAGE_EXEC, errno, "cannot set up stream %d", i);
    for (int i = 0; i < 3; i++)
        if (dup2(high[i], i) < 0)
            return fail(failure, STAGE_EXEC, errno, "cannot set up stream %d", i);
    return 0;
}

static int exec_set_terminal(const struct process_spec *process, int report, struct failure *failure)
{
    int master, slave;

    if (pty_open(process->tty_rows, process->tty_cols, &master, &slave))
        return fail(failure, STAGE_DEVICE, errno, "cannot open a terminal in the container");
    if (report_fd(report, master) || close(master) || pty_adopt(slave))
        return fail(failure, STAGE_DEVICE, errno, "cannot take the terminal");
    return 0;
}

static int exec_enter(int pidfd, const struct exec_target *target, struct failure *failure)
{
    if (prctl(PR_SET_DUMPABLE, 0))
        return fail(failure, STAGE_NAMESPACE, errno, "cannot hide from the container");
    process_reset_signals();
    setsid();
    if (cgroup_join(target->procs, 0, failure))
        return -1;
    if (setns(pidfd, EXEC_NAMESPACES) || chdir("/"))
        return fail(failure, STAGE_NAMESPACE, errno, "cannot join the container");
    return 0;
}

static void exec_child_run(int pidfd, const struct exec_target *target, struct process_context *context,
                           const struct exec_streams *streams)
{
    struct failure failure;
    struct process_user user;

    if (exec_enter(pidfd, target, &failure) == 0 &&
        (context->spec->tty ? exec_set_terminal(context->spec, context->report, &failure)
                            : exec_set_streams(streams, &failure)) == 0 &&
        process_find_user(context->spec, &user, &failure) == 0)
        process_exec(context, &user, &failure);
    report_failure(context->report, &failure);
    _exit(255);
}

/* Whatever fails because the container ends meanwhile says so. A process gives up its namespaces, which is
 * ESRCH, a moment before its end shows. */
static int exec_fail(int pidfd, struct failure *failure)
{
    struct pollfd target = {.fd = pidfd, .events = POLLIN};

    if (failure->error != ESRCH && poll(&target, 1, 0) <= 0)
        return -1;
    return fail(failure, STAGE_NAMESPACE, ESRCH, "the container is not running");
}

int exec_spawn(const struct exec_target *target, const struct process_spec *process,
               const struct exec_streams *streams, bool tied, struct exec_child *child,
               struct failure *failure)
{
    struct process_context context;
    struct report report;
    CLEANUP_FD int pidfd = exec_open_target(target, failure);
    CLEANUP_FD int own = -1, theirs = -1;
    int ends[2];

    if (pidfd < 0 || process_open(process, &context, failure))
        return -1;
    if (report_pair(ends))
        return fail(failure, STAGE_NAMESPACE, errno, "cannot make a socket pair");
    own = ends[0];
    theirs = context.report = ends[1];
    context.die_with_parent = tied;
    context.joined = true;
    if (setns(pidfd, CLONE_NEWPID)) {
        fail(failure, STAGE_NAMESPACE, errno, "cannot join the container's processes");
        return exec_fail(pidfd, failure);
    }
    child->pid = fork();
    if (child->pid == 0) {
        close(own);
        exec_child_run(pidfd, target, &context, streams);
    }
    free(context.filter.filter);
    /* A pid namespace whose first process has ended takes no more. */
    if (child->pid < 0)
        return fail(failure, STAGE_NAMESPACE, errno == ENOMEM ? ESRCH : errno,
                    "the container is not running");
    close(cleanup_steal_fd(&theirs));
    if (report_collect(own, &report)) {
        *failure = report.failure;
        waitpid(child->pid, NULL, 0);
        return exec_fail(pidfd, failure);
    }
    child->terminal = report.terminal;
    return 0;
}
