#include "remote-mounts.h"

#include "cleanup.h"
#include "filesystem.h"
#include "memory.h"
#include "mount-options.h"
#include "process.h"
#include "report.h"
#include "root.h"

#include <errno.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ANSWER_TIME 30 /* s */

static int remote_mount(const struct mount_spec *mount, struct failure *failure)
{
    struct mount_options options;
    int fd;

    mount_options_parse(mount->options, &options);
    fd = filesystem_new(mount->type, mount->source, options.data, options.set & ~root_late_attributes(mount),
                        STAGE_MOUNT, failure);
    mount_options_free(&options);
    return fd;
}

/* Neither the supervisor's locks nor its pipes may be kept open by a process that outlives it. */
static void keeper_close_others(int answers)
{
    syscall(SYS_close_range, 3, answers - 1, 0);
    syscall(SYS_close_range, answers + 1, ~0U, 0);
}

_Noreturn static void keeper_run(const struct container_spec *spec, int answers)
{
    struct failure failure;
    char byte;

    process_reset_signals();
    prctl(PR_SET_NAME, "mydocker-mounts");
    keeper_close_others(answers);
    for (size_t i = 0; i < spec->mount_count; i++) {
        int mount;

        if (!spec->mounts[i].host_network)
            continue;
        mount = remote_mount(&spec->mounts[i], &failure);
        if (mount < 0)
            report_failure(answers, &failure);
        if (mount < 0 || report_fd(answers, mount))
            _exit(1);
    }
    while (recv(answers, &byte, 1, 0) < 0 && errno == EINTR)
        ;
    _exit(0);
}

/* As a sibling, so that whoever has the supervisor as a child collects this one too. */
static int keeper_fork(const struct container_spec *spec, struct remote_mounts *remote, int *pidfd,
                       struct failure *failure)
{
    struct clone_args arguments = {.flags = CLONE_PARENT | CLONE_PIDFD, .pidfd = (uintptr_t)pidfd};
    int ends[2];
    pid_t pid;

    if (report_pair(ends))
        return fail(failure, STAGE_MOUNT, errno, "cannot make a socket pair");
    remote->keeper = ends[0];
    pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0)
        keeper_run(spec, ends[1]);
    close(ends[1]);
    return pid < 0 ? fail(failure, STAGE_MOUNT, errno, "cannot make a process that mounts") : 0;
}

static bool remote_has_answer(int fd)
{
    struct pollfd answer = {.fd = fd, .events = POLLIN};
    int result;

    do
        result = poll(&answer, 1, ANSWER_TIME * 1000);
    while (result < 0 && errno == EINTR);
    return result > 0;
}

static int remote_take(const struct container_spec *spec, struct remote_mounts *remote, int pidfd,
                       struct failure *failure)
{
    for (size_t i = 0; i < spec->mount_count; i++) {
        const struct mount_spec *mount = &spec->mounts[i];

        if (!mount->host_network)
            continue;
        if (!remote_has_answer(remote->keeper)) {
            /* A mount that waits for a server cannot be interrupted, only be killed. */
            syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
            return fail(failure, STAGE_MOUNT, ETIMEDOUT, "cannot mount %s %s: no answer within %d seconds",
                        mount->type, mount->source ? mount->source : "", ANSWER_TIME);
        }
        remote->mounts[i] = report_receive_fd(remote->keeper, failure);
        if (remote->mounts[i] < 0)
            return -1;
    }
    return 0;
}

int remote_mounts_open(const struct container_spec *spec, struct remote_mounts *remote,
                       struct failure *failure)
{
    CLEANUP_FD int pidfd = -1;
    size_t wanted = 0;

    *remote = (struct remote_mounts){NULL, 0, -1};
    for (size_t i = 0; i < spec->mount_count; i++)
        wanted += spec->mounts[i].host_network;
    if (wanted == 0)
        return 0;
    remote->count = spec->mount_count;
    remote->mounts = memory_allocate(spec->mount_count, sizeof *remote->mounts);
    for (size_t i = 0; i < spec->mount_count; i++)
        remote->mounts[i] = -1;
    if (keeper_fork(spec, remote, &pidfd, failure) == 0 && remote_take(spec, remote, pidfd, failure) == 0)
        return 0;
    remote_mounts_close(remote);
    return -1;
}

void remote_mounts_close(struct remote_mounts *remote)
{
    for (size_t i = 0; i < remote->count; i++)
        cleanup_close_fd(&remote->mounts[i]);
    free(remote->mounts);
    cleanup_close_fd(&remote->keeper);
    *remote = (struct remote_mounts){NULL, 0, -1};
}
