#include "launch.h"

#include "cgroup.h"
#include "cleanup.h"
#include "launch-child.h"
#include "namespace.h"
#include "process.h"
#include "procstat.h"
#include "remote-mounts.h"
#include "report.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The child waits meanwhile: what it must find when it goes on. */
static int launch_prepare_child(const struct container_spec *spec, const struct launch_hook *network,
                                pid_t pid, int report, struct failure *failure)
{
    if (cgroup_join(&spec->cgroup.procs, pid, failure) ||
        (network && network->run(network->context, pid, failure)))
        return -1;
    if (send(report, "", 1, MSG_NOSIGNAL) != 1)
        return fail(failure, STAGE_NAMESPACE, errno, "the container's process has ended too early");
    return 0;
}

/* The report has ended without a word: by an exec, which changes the name a moment after it has closed the
 * report, or because a signal such as the OOM killer's was faster. -1 with errno ENOMEM: no program has
 * begun. */
static int launch_has_begun(pid_t pid, struct procstat *stat)
{
    const struct timespec pause = {.tv_nsec = 100000};

    /* A program may have this very name: it is believed after a second. */
    for (int round = 0; round < 10000; round++) {
        if (procstat_read(pid, stat))
            return -1;
        if (strcmp(stat->name, LAUNCH_CHILD_NAME) != 0)
            return 0;
        if (stat->state == 'Z') {
            errno = ENOMEM;
            return -1;
        }
        nanosleep(&pause, NULL);
    }
    return 0;
}

/* Waits for the exec. A failure that the child reports is nearer to the cause than one of ours. */
static int launch_await(const struct container_spec *spec, const struct launch_hook *network, int report,
                        struct launch_result *result, struct failure *failure)
{
    int prepared = launch_prepare_child(spec, network, result->pid, report, failure);
    struct report told;
    struct procstat stat;

    if (prepared)
        syscall(SYS_pidfd_send_signal, result->pidfd, SIGKILL, NULL, 0);
    if (report_collect(report, &told)) {
        *failure = told.failure;
        prepared = -1;
    }
    result->terminal = told.terminal;
    result->warning_count = told.warning_count;
    memcpy(result->warnings, told.warnings, sizeof told.warnings);
    if (prepared)
        return -1;
    if (launch_has_begun(result->pid, &stat))
        return fail(
            failure, STAGE_EXEC, errno,
            "the container's process was killed before its program began (is the memory limit too low?)");
    result->start = stat.start;
    return 0;
}

static int launch_run(const struct container_spec *spec, const struct launch_io *io,
                      const struct launch_hook *network, const struct remote_mounts *remote,
                      struct launch_result *result, struct failure *failure)
{
    struct launch_child child = {.spec = spec, .io = io};
    CLEANUP_FD int own = -1, theirs = -1;
    int ends[2], status;

    child.remote = remote->mounts;
    if (process_open(&spec->process, &child.context, failure) || namespace_open(spec, &child.joins, failure))
        return -1;
    if (report_pair(ends))
        return fail(failure, STAGE_NAMESPACE, errno, "cannot make a socket pair");
    own = ends[0];
    theirs = child.context.report = ends[1];
    result->pid = namespace_fork(spec, &child.joins, &result->pidfd, failure);
    if (result->pid == 0) {
        close(own);
        launch_child_run(&child);
    }
    namespace_close(&child.joins);
    free(child.context.filter.filter);
    close(cleanup_steal_fd(&theirs));
    if (result->pid < 0)
        return -1;
    if (launch_await(spec, network, own, result, failure) == 0)
        return 0;
    syscall(SYS_pidfd_send_signal, result->pidfd, SIGKILL, NULL, 0);
    waitpid(result->pid, &status, 0);
    return -1;
}

int launch_container(const struct container_spec *spec, const struct launch_io *io,
                     const struct launch_hook *network, struct launch_result *result, struct failure *failure)
{
    struct remote_mounts remote;
    int status;

    memset(result, 0, sizeof *result);
    result->pidfd = result->terminal = result->keeper = -1;
    if (remote_mounts_open(spec, &remote, failure))
        return -1;
    status = cgroup_create(&spec->cgroup, failure);
    if (status == 0)
        status = launch_run(spec, io, network, &remote, result, failure);
    if (status == 0)
        result->keeper = cleanup_steal_fd(&remote.keeper);
    remote_mounts_close(&remote);
    if (status == 0)
        return 0;
    if (result->terminal >= 0)
        close(cleanup_steal_fd(&result->terminal));
    if (result->pidfd >= 0)
        close(cleanup_steal_fd(&result->pidfd));
    cgroup_remove(&spec->cgroup);
    return -1;
}

void launch_free_result(struct launch_result *result)
{
    for (size_t i = 0; i < result->warning_count; i++)
        free(result->warnings[i]);
    result->warning_count = 0;
}
