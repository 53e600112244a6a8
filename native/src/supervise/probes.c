#include "client.h"

#include "cleanup.h"
#include "exec-events.h"
#include "exec.h"
#include "memory.h"
#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A running probe: its output so far and the process that waits for it. */
struct probe {
    struct supervisor *supervisor;
    struct loop_source output, exit;
    struct loop_timer timeout;
    pid_t pid;
    int64_t began;
    bool timed_out;
    struct exec_events events;
    struct health_probe record;
};

/* In the process of the probe: it ends with the supervisor and takes the probe's whole session with it. */
static _Noreturn void probe_process(struct supervisor *supervisor, int output)
{
    const struct exec_target target = {supervisor->state.pid, supervisor->state.pid_start,
                                       &supervisor->spec.cgroup.procs};
    struct process_spec process = supervisor->spec.process;
    struct exec_child child;
    struct failure failure;
    sigset_t set;
    int status, number;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_NAME, "mydocker-probe");
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_SETMASK, &set, NULL);
    dup2(output, 1);
    dup2(output, 2);
    close_range(3, ~0u, 0);
    process.arg = supervisor->spec.health.arg;
    process.tty = false;
    if (exec_spawn(&target, &process, &(struct exec_streams){0, 1, 2}, true, &child, &failure)) {
        dprintf(1, "%s%s%s\n", failure.text, failure.error ? ": " : "",
                failure.error ? strerrordesc_np(failure.error) : "");
        _exit(exec_failure_code(&failure));
    }
    close_range(0, ~0u, 0);
    for (;;) {
        if (waitpid(child.pid, &status, WNOHANG) == child.pid)
            _exit(exec_status_code(status));
        if (sigwait(&set, &number) == 0 && number == SIGTERM)
            kill(-child.pid, SIGKILL);
    }
}

static void probe_free(struct probe *probe)
{
    struct loop *loop = &probe->supervisor->loop;

    loop_drop(loop, &probe->output);
    loop_drop(loop, &probe->exit);
    loop_clear_timer(loop, &probe->timeout);
    probe->supervisor->probe = NULL;
    free(probe->record.output);
    free(probe);
}

/* False at the end of the output. What goes beyond the limit is read and forgotten. */
static bool probe_read(struct probe *probe)
{
    char buffer[HEALTH_OUTPUT_LIMIT];
    ssize_t n = read(probe->output.fd, buffer, sizeof buffer);
    struct health_probe *record = &probe->record;
    size_t room = HEALTH_OUTPUT_LIMIT - record->output_size;

    if (n <= 0)
        return n < 0 && errno == EINTR;
    if ((size_t)n < room)
        room = (size_t)n;
    record->output = memory_resize(record->output, record->output_size + room, 1);
    memcpy(record->output + record->output_size, buffer, room);
    record->output_size += room;
    return true;
}

static void probe_output(struct loop_source *source, uint32_t events)
{
    struct probe *probe = loop_owner(source, struct probe, output);

    (void)events;
    if (!probe_read(probe) && errno != EAGAIN)
        loop_drop(&probe->supervisor->loop, source);
}

static void probes_schedule(struct supervisor *supervisor)
{
    loop_set_timer(&supervisor->loop, &supervisor->probe_timer,
                   health_next_delay(&supervisor->health, loop_now()));
}

static void probe_conclude(struct supervisor *supervisor, bool changed)
{
    const char *name = health_status_name(supervisor->health.status);
    char action[64];

    supervisor_save(supervisor);
    if (changed) {
        snprintf(action, sizeof action, "health_status: %s", name);
        event_write(&supervisor->events, action, NULL);
    }
    if (changed && supervisor->health.status == HEALTH_UNHEALTHY && supervisor->spec.restart_on_unhealthy &&
        !supervisor->stopping) {
        supervisor->unhealthy_restart = true;
        halt_begin(supervisor, (int)supervisor->spec.stop_signal, supervisor->spec.stop_timeout);
        return;
    }
    probes_schedule(supervisor);
}

static void probe_exited(struct loop_source *source, uint32_t events)
{
    struct probe *probe = loop_owner(source, struct probe, exit);
    struct supervisor *supervisor = probe->supervisor;
    struct health_probe record;
    int64_t began = probe->began;
    siginfo_t info = {0};

    (void)events;
    if (waitid(P_PIDFD, (id_t)source->fd, &info, WEXITED | WNOHANG) || info.si_pid == 0)
        return;
    while (probe->output.fd >= 0 && probe_read(probe))
        ;
    record = probe->record;
    record.end = timestamp_now();
    record.code = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    exec_events_end(&probe->events, record.code);
    if (probe->timed_out) {
        record.code = -1;
        free(record.output);
        record.output =
            memory_format("Health check exceeded timeout (%gs)", (double)supervisor->health.timeout / 1000);
        record.output_size = strlen(record.output);
    }
    probe->record.output = NULL;
    probe_free(probe);
    probe_conclude(supervisor, health_record(&supervisor->health, &record, began));
}

static void probe_timed_out(struct loop_timer *timer)
{
    struct probe *probe = loop_owner(timer, struct probe, timeout);

    probe->timed_out = true;
    kill(probe->pid, SIGTERM); /* a child of ours that has not been collected: the number is its own */
}

static void probe_start(struct supervisor *supervisor)
{
    struct probe *probe;
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK)) {
        probes_schedule(supervisor);
        return;
    }
    fcntl(ends[1], F_SETFL, 0);
    pid = fork();
    if (pid == 0)
        probe_process(supervisor, ends[1]);
    close(ends[1]);
    probe = memory_allocate(1, sizeof *probe);
    *probe = (struct probe){.supervisor = supervisor, .pid = pid, .began = loop_now()};
    probe->output = (struct loop_source){ends[0], 0, probe_output};
    probe->exit = (struct loop_source){pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0), 0, probe_exited};
    probe->timeout.expired = probe_timed_out;
    probe->record.start = timestamp_now();
    supervisor->probe = probe;
    exec_events_begin(&probe->events, &supervisor->events, &supervisor->spec.health.arg);
    if (probe->exit.fd < 0 || loop_watch(&supervisor->loop, &probe->exit, EPOLLIN) ||
        loop_watch(&supervisor->loop, &probe->output, EPOLLIN)) {
        if (pid > 0) {
            kill(pid, SIGTERM);
            waitpid(pid, NULL, 0);
        }
        probe_free(probe);
        probes_schedule(supervisor);
        return;
    }
    loop_set_timer(&supervisor->loop, &probe->timeout, supervisor->health.timeout);
}

static void probes_due(struct loop_timer *timer)
{
    struct supervisor *supervisor = loop_owner(timer, struct supervisor, probe_timer);

    if (supervisor->phase == PHASE_RUNNING && supervisor->state.status == STATUS_RUNNING &&
        !supervisor->probe)
        probe_start(supervisor);
}

void probes_start(struct supervisor *supervisor)
{
    if (supervisor->spec.health.arg.count == 0)
        return;
    health_start(&supervisor->health, &supervisor->spec.health, loop_now());
    probes_schedule(supervisor);
}

void probes_resume(struct supervisor *supervisor)
{
    if (supervisor->spec.health.arg.count > 0 && !supervisor->probe && !supervisor->probe_timer.armed)
        probes_schedule(supervisor);
}

void probes_stop(struct supervisor *supervisor)
{
    struct probe *probe = supervisor->probe;

    loop_clear_timer(&supervisor->loop, &supervisor->probe_timer);
    if (!probe)
        return;
    kill(probe->pid, SIGTERM);
    waitpid(probe->pid, NULL, 0);
    exec_events_end(&probe->events, 128 + SIGKILL);
    probe_free(probe);
}

void probes_timers(struct supervisor *supervisor)
{
    supervisor->probe_timer.expired = probes_due;
}
