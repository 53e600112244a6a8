#include "client.h"

#include "cgroup.h"
#include "cleanup.h"
#include "memory.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int run_failure_code(const struct failure *failure)
{
    if (failure->stage != STAGE_EXEC)
        return 128;
    return failure->error == ENOENT ? 127 : 126;
}

static int run_launch(struct supervisor *supervisor, struct launch_result *result, struct failure *failure)
{
    struct launch_hook hook = {net_setup, supervisor->net};
    struct output_ends ends;
    struct launch_io io;
    int status;

    if (output_open(supervisor, &ends)) {
        output_close_ends(&ends);
        return fail(failure, STAGE_SUPERVISOR, errno, "cannot make the container's standard streams");
    }
    io = (struct launch_io){ends.in, ends.out, ends.err};
    status = launch_container(&supervisor->spec, &io, &hook, result, failure);
    output_close_ends(&ends);
    return status;
}

/* The folders vanish only when the last process has been collected, which may be a moment after its end. */
static void run_remove_cgroups(struct supervisor *supervisor)
{
    const struct timespec pause = {.tv_nsec = 1000000};

    for (int round = 0; round < 1000 && !cgroup_remove(&supervisor->spec.cgroup); round++)
        nanosleep(&pause, NULL);
}

/* Everything of one run goes: what is left of its processes, its streams, its network, its cgroups. */
static void run_clean(struct supervisor *supervisor)
{
    loop_clear_timer(&supervisor->loop, &supervisor->grace);
    probes_stop(supervisor);
    if (supervisor->spec.ns_pid.mode != NAMESPACE_NEW)
        cgroup_kill_all(&supervisor->spec.cgroup);
    output_finish(supervisor);
    if (supervisor->keeper >= 0)
        close(cleanup_steal_fd(&supervisor->keeper));
    net_teardown(supervisor->net);
    run_remove_cgroups(supervisor);
}

/* Containers that have joined this one's namespaces made the link, to find its process when they start again.
 */
static void run_follow_link(const struct supervisor *supervisor)
{
    CLEANUP_FREE char *link = memory_format("%s/process", supervisor->spec.run_dir);
    CLEANUP_FREE char *temporary = memory_format("%s.tmp", link);
    char text[64];

    if (readlink(link, text, sizeof text) < 0)
        return;
    snprintf(text, sizeof text, "%d|%ju", (int)supervisor->state.pid, (uintmax_t)supervisor->state.pid_start);
    unlink(temporary);
    if (symlink(text, temporary) || rename(temporary, link))
        unlink(link);
}

int run_start(struct supervisor *supervisor, struct launch_result *result, struct failure *failure)
{
    struct state *state = &supervisor->state;

    if (run_launch(supervisor, result, failure)) {
        run_clean(supervisor);
        return -1;
    }
    supervisor->exit.fd = result->pidfd;
    supervisor->keeper = result->keeper;
    output_watch(supervisor, result->terminal);
    oom_start(supervisor);
    supervisor->stopping = false;
    supervisor->started = loop_now();
    supervisor->phase = PHASE_RUNNING;
    state->status = STATUS_RUNNING;
    state->pid = result->pid;
    state->pid_start = result->start;
    state->started = timestamp_now();
    state->finished = (struct timespec){0};
    state->exit_code = 0;
    state->oom_killed = false;
    state->stopped_by_user = false;
    state->error[0] = '\0';
    probes_start(supervisor);
    supervisor_save(supervisor);
    run_follow_link(supervisor);
    /* After a power loss the run folder is empty: this says that the container had been running. */
    supervisor_save_last(supervisor);
    event_write(&supervisor->events, "start", NULL);
    loop_watch(&supervisor->loop, &supervisor->exit, EPOLLIN);
    return 0;
}

static int64_t run_decide(struct supervisor *supervisor)
{
    const struct restart_exit end = {
        .code = supervisor->state.exit_code,
        .stopped_by_user = supervisor->state.stopped_by_user || supervisor->shutting_down,
        .uptime = loop_now() - supervisor->started,
    };

    if (supervisor->unhealthy_restart && !end.stopped_by_user)
        return restart_delay(&supervisor->history, end.uptime);
    return restart_decide(&supervisor->rule, &supervisor->history, &end);
}

static void run_wait(struct supervisor *supervisor, int64_t delay)
{
    supervisor->phase = PHASE_DELAY;
    supervisor->state.status = STATUS_RESTARTING;
    supervisor->state.restart_count = supervisor->history.count;
    supervisor_save(supervisor);
    loop_set_timer(&supervisor->loop, &supervisor->delay, delay);
}

void run_again(struct supervisor *supervisor)
{
    int64_t delay = RESTART_END;
    struct launch_result result;
    struct failure failure;
    bool asked = supervisor->ask_restart;

    supervisor->ask_restart = false;
    if (run_start(supervisor, &result, &failure)) {
        snprintf(supervisor->state.error, sizeof supervisor->state.error, "%s", failure.text);
        supervisor->state.exit_code = run_failure_code(&failure);
        client_settle(supervisor, PENDING_RESTART, &failure);
        /* The container whose namespaces it joins may be about to come back, too. */
        if (!asked && failure.stage == STAGE_NAMESPACE)
            delay = run_decide(supervisor);
        if (delay == RESTART_END)
            run_end(supervisor);
        else
            run_wait(supervisor, delay);
        return;
    }
    launch_free_result(&result);
    if (asked)
        event_write(&supervisor->events, "restart", NULL);
    client_settle(supervisor, PENDING_RESTART, NULL);
}

void run_end(struct supervisor *supervisor)
{
    supervisor->phase = PHASE_ENDED;
    supervisor->state.status = STATUS_EXITED;
    loop_clear_timer(&supervisor->loop, &supervisor->delay);
    supervisor->loop.ended = true;
}

static void run_due(struct loop_timer *timer)
{
    run_again(loop_owner(timer, struct supervisor, delay));
}

static void run_record_exit(struct supervisor *supervisor, const siginfo_t *info)
{
    struct state *state = &supervisor->state;
    char code[32], duration[32];

    state->exit_code = info->si_code == CLD_EXITED ? info->si_status : 128 + info->si_status;
    state->finished = timestamp_now();
    oom_stop(supervisor);
    state->oom_killed = supervisor->oom_happened;
    state->pid = 0;
    state->pid_start = 0;
    snprintf(code, sizeof code, "exitCode=%d", state->exit_code);
    snprintf(duration, sizeof duration, "execDuration=%jd",
             (intmax_t)(loop_now() - supervisor->started) / 1000);
    run_clean(supervisor);
    event_write(&supervisor->events, "die", (const char *const[]){code, duration, NULL});
    if (supervisor->stopping)
        event_write(&supervisor->events, "stop", NULL);
}

static void run_exited(struct loop_source *source, uint32_t events)
{
    struct supervisor *supervisor = loop_owner(source, struct supervisor, exit);
    siginfo_t info = {0};
    int64_t delay;

    (void)events;
    if (waitid(P_PIDFD, (id_t)source->fd, &info, WEXITED | WNOHANG) || info.si_pid == 0)
        return;
    loop_drop(&supervisor->loop, source);
    run_record_exit(supervisor, &info);
    delay = supervisor->ask_restart ? 0 : run_decide(supervisor);
    supervisor->unhealthy_restart = false;
    attached_end(supervisor, supervisor->state.exit_code);
    client_settle(supervisor, PENDING_NEXT_EXIT, NULL);
    if (supervisor->ask_restart) {
        supervisor->history = (struct restart_history){0};
        supervisor->state.restart_count = 0;
        run_again(supervisor);
        return;
    }
    if (delay == RESTART_END) {
        run_end(supervisor);
        return;
    }
    run_wait(supervisor, delay);
}

void run_timers(struct supervisor *supervisor)
{
    supervisor->delay.expired = run_due;
    supervisor->exit = (struct loop_source){-1, 0, run_exited};
    supervisor->keeper = -1;
}
