#include "supervisor.h"

#include "cgroup.h"
#include "cleanup.h"
#include "file.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int halt_send(const struct supervisor *supervisor, int number)
{
    return (int)syscall(SYS_pidfd_send_signal, supervisor->exit.fd, number, NULL, 0);
}

/* `cgroup.freeze` is FILE|FREEZE|THAW. On cgroup v1 the state is FREEZING until the last task has stopped. */
static int halt_freeze(const struct supervisor *supervisor, bool freeze)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    const char *text = supervisor->spec.cgroup.freeze;
    CLEANUP_FREE char *copy = memory_copy_string(text ? text : "");
    char *frozen = strchr(copy, '|'), *thawed = frozen ? strchr(frozen + 1, '|') : NULL;
    const char *wanted;

    if (!thawed) {
        errno = ENOSYS;
        return -1;
    }
    *frozen++ = *thawed++ = '\0';
    wanted = freeze ? frozen : thawed;
    for (int round = 0; round < 2000; round++) {
        char now[32] = "";
        CLEANUP_FD int fd = -1;

        if (file_write_text(AT_FDCWD, copy, wanted))
            return -1;
        fd = open(copy, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || read(fd, now, sizeof now - 1) <= 0)
            return -1;
        if (strncmp(now, wanted, strlen(wanted)) == 0)
            return 0;
        nanosleep(&pause, NULL);
    }
    halt_freeze(supervisor, false);
    errno = ETIMEDOUT;
    return -1;
}

int halt_signal(struct supervisor *supervisor, int number, struct failure *failure)
{
    char text[32];

    if (supervisor->phase != PHASE_RUNNING)
        return fail(failure, STAGE_SUPERVISOR, ESRCH, "container %s is not running", supervisor->spec.name);
    if (halt_send(supervisor, number))
        return fail(failure, STAGE_SUPERVISOR, errno, "cannot send signal %d to container %s", number,
                    supervisor->spec.name);
    snprintf(text, sizeof text, "signal=%d", number);
    event_write(&supervisor->events, "kill", (const char *const[]){text, NULL});
    return 0;
}

static void halt_thaw(struct supervisor *supervisor)
{
    struct failure ignored;

    if (supervisor->state.status == STATUS_PAUSED)
        halt_unpause(supervisor, &ignored);
}

void halt_kill(struct supervisor *supervisor)
{
    struct failure ignored;

    halt_signal(supervisor, SIGKILL, &ignored);
    halt_thaw(supervisor);
    /* Without a pid namespace of its own the container's other processes outlive the first one. */
    if (supervisor->spec.ns_pid.mode != NAMESPACE_NEW)
        cgroup_kill_all(&supervisor->spec.cgroup);
}

static void halt_grace_over(struct loop_timer *timer)
{
    halt_kill(loop_owner(timer, struct supervisor, grace));
}

/* A program that ends by itself at once may do so, also with a timeout of 0. */
#define HALT_LEAST_GRACE_MS 20

void halt_begin(struct supervisor *supervisor, int number, int64_t timeout)
{
    struct failure ignored;

    supervisor->stopping = true;
    if (number == SIGKILL) {
        halt_kill(supervisor);
        return;
    }
    halt_signal(supervisor, number, &ignored);
    halt_thaw(supervisor);
    if (timeout >= 0)
        loop_set_timer(&supervisor->loop, &supervisor->grace,
                       timeout < HALT_LEAST_GRACE_MS ? HALT_LEAST_GRACE_MS : timeout);
}

int halt_pause(struct supervisor *supervisor, struct failure *failure)
{
    if (supervisor->phase != PHASE_RUNNING)
        return fail(failure, STAGE_SUPERVISOR, ESRCH, "container %s is not running", supervisor->spec.name);
    if (supervisor->state.status == STATUS_PAUSED)
        return fail(failure, STAGE_SUPERVISOR, EALREADY, "container %s is already paused",
                    supervisor->spec.name);
    if (halt_freeze(supervisor, true))
        return fail(failure, STAGE_CGROUP, errno, "cannot freeze container %s", supervisor->spec.name);
    supervisor->state.status = STATUS_PAUSED;
    supervisor_save(supervisor);
    event_write(&supervisor->events, "pause", NULL);
    return 0;
}

int halt_unpause(struct supervisor *supervisor, struct failure *failure)
{
    if (supervisor->state.status != STATUS_PAUSED)
        return fail(failure, STAGE_SUPERVISOR, EALREADY, "container %s is not paused", supervisor->spec.name);
    if (halt_freeze(supervisor, false))
        return fail(failure, STAGE_CGROUP, errno, "cannot thaw container %s", supervisor->spec.name);
    supervisor->state.status = STATUS_RUNNING;
    supervisor_save(supervisor);
    event_write(&supervisor->events, "unpause", NULL);
    probes_resume(supervisor);
    return 0;
}

int64_t halt_read_oom(const struct supervisor *supervisor)
{
    const char *text = supervisor->spec.cgroup.oom;
    CLEANUP_FREE char *path = memory_copy_string(text ? text : "");
    CLEANUP_FREE char *content = NULL;
    CLEANUP_FD int fd = -1;
    char *key = strchr(path, '|');
    char *line;
    size_t length;

    if (!key)
        return 0;
    *key++ = '\0';
    length = strlen(key);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || file_read(fd, 65536, &content, &(size_t){0}))
        return 0;
    for (line = content; line; line = strchr(line, '\n')) {
        if (*line == '\n')
            line++;
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return strtoll(line + length, NULL, 10);
        if (!*line)
            break;
    }
    return 0;
}

void halt_timers(struct supervisor *supervisor)
{
    supervisor->grace.expired = halt_grace_over;
}
