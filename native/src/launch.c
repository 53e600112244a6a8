#include "launch.h"

#include "cgroup.h"
#include "cleanup.h"
#include "launch-child.h"
#include "namespace.h"
#include "process.h"
#include "procstat.h"
#include "report.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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
    if (procstat_read(result->pid, &stat))
        return fail(failure, STAGE_EXEC, errno, "the container's process cannot be found");
    result->start = stat.start;
    return 0;
}

static int launch_run(const struct container_spec *spec, const struct launch_io *io,
                      const struct launch_hook *network, struct launch_result *result,
                      struct failure *failure)
{
    struct launch_child child = {.spec = spec, .io = io};
    CLEANUP_FD int own = -1, theirs = -1;
    int ends[2], status;

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
    memset(result, 0, sizeof *result);
    result->pidfd = result->terminal = -1;
    if (cgroup_create(&spec->cgroup, failure) == 0 && launch_run(spec, io, network, result, failure) == 0)
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
