#include "remote-mount.h"

#include "cleanup.h"
#include "filesystem.h"

#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define ANSWER_TIME 30 /* s */
/* For the kernel to let go of a killed process that waits for a server. */
#define DEATH_TIME 5 /* s */

/* Shared by the two processes. */
struct remote_answer {
    int mount; /* in the table of file descriptors, which is shared too; -1: it failed */
    struct failure failure;
};

struct remote_wish {
    int net;
    const char *type, *source;
    char *const *data;
    uint64_t attributes;
};

_Noreturn static void remote_mount_run(const struct remote_wish *wish, struct remote_answer *answer)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (wish->net >= 0 && setns(wish->net, CLONE_NEWNET))
        fail(&answer->failure, STAGE_MOUNT, errno, "cannot mount %s from the host's network", wish->type);
    else
        answer->mount = filesystem_new(wish->type, wish->source, wish->data, wish->attributes, STAGE_MOUNT,
                                       &answer->failure);
    _exit(0);
}

static bool remote_has_ended(int pidfd, int seconds)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    int result;

    do
        result = poll(&end, 1, seconds * 1000);
    while (result < 0 && errno == EINTR);
    return result > 0;
}

/* A mount that waits for a server cannot be interrupted, only be killed with the process that wants it. */
static int remote_mount_await(const struct remote_wish *wish, struct remote_answer *answer,
                              struct failure *failure)
{
    CLEANUP_FD int pidfd = -1;
    struct clone_args arguments = {
        .flags = CLONE_PIDFD | CLONE_FILES, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD};
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    bool answered;

    if (pid < 0)
        return fail(failure, STAGE_MOUNT, errno, "cannot make a process to mount %s", wish->type);
    if (pid == 0)
        remote_mount_run(wish, answer);
    answered = remote_has_ended(pidfd, ANSWER_TIME);
    if (!answered)
        syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    if (answered || remote_has_ended(pidfd, DEATH_TIME))
        waitpid(pid, NULL, 0);
    if (answer->mount >= 0)
        return answer->mount;
    if (!answered)
        return fail(failure, STAGE_MOUNT, ETIMEDOUT, "cannot mount %s %s: no answer within %d seconds",
                    wish->type, wish->source ? wish->source : "", ANSWER_TIME);
    *failure = answer->failure;
    return -1;
}

int remote_mount_new(int net, const char *type, const char *source, char *const *data, uint64_t attributes,
                     struct failure *failure)
{
    struct remote_wish wish = {net, type, source, data, attributes};
    struct remote_answer *answer =
        mmap(NULL, sizeof *answer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int mount;

    if (answer == MAP_FAILED)
        return fail(failure, STAGE_MOUNT, errno, "cannot share memory with a process that mounts %s", type);
    answer->mount = -1;
    fail(&answer->failure, STAGE_MOUNT, 0, "the process that mounts %s has ended too early", type);
    mount = remote_mount_await(&wish, answer, failure);
    munmap(answer, sizeof *answer);
    return mount;
}
