#include "client.h"

#include "attach.h"
#include "cgroup.h"
#include "cleanup.h"
#include "foreground.h"
#include "json.h"
#include "memory.h"
#include "operations.h"
#include "process-title.h"
#include "procstat.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SUPERVISOR_KEPT 4      /* the first fd behind the reply pipe */
#define SUPERVISOR_AWAIT 10000 /* ms that `await_attach` waits for a client */

void supervisor_save(struct supervisor *supervisor)
{
    /* A full run folder must not end a container; readers then see the state before. */
    state_write(&supervisor->state, supervisor->state_path, false);
}

/* Only with a restart policy a boot goes by it; else it is not worth waiting for the disk. */
void supervisor_save_last(struct supervisor *supervisor)
{
    state_write(&supervisor->state, supervisor->last_state_path, supervisor->rule.policy != RESTART_NO);
}

static void supervisor_signalled(struct loop_source *source, uint32_t events)
{
    struct supervisor *supervisor = loop_owner(source, struct supervisor, signals);
    struct signalfd_siginfo info;

    (void)events;
    if (read(source->fd, &info, sizeof info) != sizeof info)
        return;
    /* The host goes down: as Docker's daemon does, stop the container but leave it to be started again. */
    supervisor->shutting_down = true;
    if (supervisor->phase == PHASE_RUNNING)
        halt_begin(supervisor, (int)supervisor->spec.stop_signal, supervisor->spec.stop_timeout);
    else
        run_end(supervisor);
}

static void supervisor_network(struct loop_source *source, uint32_t events)
{
    struct supervisor *supervisor = loop_owner(source, struct supervisor, net_source);

    (void)events;
    net_dispatch(supervisor->net);
}

static void supervisor_await_over(struct loop_timer *timer)
{
    (void)timer; /* supervisor_await sees that it is no longer armed */
}

static void supervisor_step(struct supervisor *supervisor)
{
    loop_step(&supervisor->loop, -1);
    control_sweep(supervisor);
}

static void supervisor_await(struct supervisor *supervisor)
{
    if (!supervisor->spec.await_attach)
        return;
    loop_set_timer(&supervisor->loop, &supervisor->await, SUPERVISOR_AWAIT);
    while (supervisor->await.armed && !attached_any(supervisor) && !supervisor->loop.ended)
        supervisor_step(supervisor);
    loop_clear_timer(&supervisor->loop, &supervisor->await);
}

static int supervisor_watch_signals(struct supervisor *supervisor)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_SETMASK, &set, NULL);
    supervisor->signals =
        (struct loop_source){signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), 0, supervisor_signalled};
    return loop_watch(&supervisor->loop, &supervisor->signals, EPOLLIN);
}

static void supervisor_adopt_client(struct supervisor *supervisor, int fd)
{
    const struct attach_spec *attach = &supervisor->spec.attach;
    struct client *client = client_new(supervisor, fd);

    client->use_stdin = attach->use_stdin;
    client->use_stdout = attach->use_stdout;
    client->use_stderr = attach->use_stderr;
    client->lossless = true;
    attached_begin(client);
}

static int supervisor_prepare(struct supervisor *supervisor, struct failure *failure)
{
    const struct container_spec *spec = &supervisor->spec;
    struct procstat self;

    if (!restart_parse(spec->restart ? spec->restart : "no", &supervisor->rule))
        return fail(failure, STAGE_REQUEST, EINVAL, "restart: \"%.60s\" is no restart policy", spec->restart);
    if (loop_open(&supervisor->loop) || supervisor_watch_signals(supervisor) ||
        procstat_read(getpid(), &self))
        return fail(failure, STAGE_SUPERVISOR, errno, "cannot set up the supervisor");
    supervisor->state_path = memory_format("%s/state.json", spec->run_dir);
    supervisor->socket_path = memory_format("%s/control.sock", spec->run_dir);
    supervisor->last_state_path = memory_format("%s/last-state.json", spec->data_dir);
    supervisor->events = (struct event_source){spec->event_log, spec->id, &spec->event_attr};
    supervisor->state = (struct state){
        .id = spec->id,
        .status = access(supervisor->last_state_path, F_OK) ? STATUS_CREATED : STATUS_EXITED,
        .supervisor = getpid(),
        .supervisor_start = self.start,
        .auto_remove = spec->auto_remove_hint,
        .health = &supervisor->health,
    };
    output_timers(supervisor);
    run_timers(supervisor);
    halt_timers(supervisor);
    probes_timers(supervisor);
    oom_timers(supervisor);
    supervisor->await.expired = supervisor_await_over;
    if (spec->log && strcmp(spec->log, "none") != 0 &&
        log_open(&supervisor->log, spec->log_path, spec->log_max_size, (unsigned)spec->log_max_file))
        return fail(failure, STAGE_SUPERVISOR, errno, "cannot open the log %s", spec->log_path);
    supervisor->net = net_parse(spec, failure);
    if (!supervisor->net || net_reserve(supervisor->net, failure))
        return -1;
    supervisor->net_source = (struct loop_source){net_fd(supervisor->net), 0, supervisor_network};
    if (supervisor->net_source.fd >= 0 && loop_watch(&supervisor->loop, &supervisor->net_source, EPOLLIN))
        return fail(failure, STAGE_SUPERVISOR, errno, "cannot watch the network");
    return control_open(supervisor, failure);
}

static void supervisor_reply(const struct supervisor *supervisor, const struct launch_result *result,
                             const struct request *request, int reply)
{
    const struct state *state = &supervisor->state;
    char started[TIMESTAMP_SIZE];
    struct json json = {0};

    timestamp_format(started, state->started);
    json_reply_begin(&json, request->id);
    json_integer(&json, "pid", state->pid);
    json_integer(&json, "pidStart", (int64_t)state->pid_start);
    json_integer(&json, "supervisor", state->supervisor);
    json_integer(&json, "supervisorStart", (int64_t)state->supervisor_start);
    json_string(&json, "startedAt", started);
    if (result->warning_count) {
        json_array_begin(&json, "warnings");
        for (size_t i = 0; i < result->warning_count; i++)
            json_string(&json, NULL, result->warnings[i]);
        json_array_end(&json);
    }
    json_object_end(&json);
    json_write_line(&json, reply);
    json_free(&json);
}

/* One container, one supervisor, whatever became of the commands that started it: readers that find no
 * running container try this lock to see whether one is on its way. */
static int supervisor_lock(struct supervisor *supervisor, struct failure *failure)
{
    CLEANUP_FREE char *path = memory_format("%s/supervisor.lock", supervisor->spec.data_dir);

    supervisor->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (supervisor->lock < 0)
        return fail(failure, STAGE_SUPERVISOR, errno, "cannot open %s", path);
    if (flock(supervisor->lock, LOCK_EX | LOCK_NB))
        return fail(failure, STAGE_SUPERVISOR, errno == EWOULDBLOCK ? EBUSY : errno,
                    "container %s is being started or runs already", supervisor->spec.name);
    return 0;
}

static int supervisor_start(struct supervisor *supervisor, const struct request *request, int reply,
                            int client, struct failure *failure)
{
    struct launch_result result;

    if (supervisor_lock(supervisor, failure) || supervisor_prepare(supervisor, failure))
        return -1;
    if (client >= 0)
        supervisor_adopt_client(supervisor, client);
    supervisor_await(supervisor);
    if (supervisor->loop.ended)
        return fail(failure, STAGE_SUPERVISOR, ECANCELED, "container %s was stopped before it started",
                    supervisor->spec.name);
    if (run_start(supervisor, &result, failure))
        return -1;
    supervisor_reply(supervisor, &result, request, reply);
    launch_free_result(&result);
    for (struct client *each = supervisor->clients; each; each = each->next)
        client_watch(each);
    return 0;
}

/* Nothing of a container that could not be started stays but the reason. */
static void supervisor_record_failure(struct supervisor *supervisor, const struct failure *failure)
{
    struct state *state = &supervisor->state;

    if (!supervisor->state_path)
        return;
    snprintf(state->error, sizeof state->error, "%s%s%s", failure->text, failure->error ? ": " : "",
             failure->error ? strerrordesc_np(failure->error) : "");
    state->exit_code = run_failure_code(failure);
}

/* Ports and names are free and the socket is gone before anybody is told that the container has ended:
 * whoever reads so may start it again at once. */
static void supervisor_close(struct supervisor *supervisor)
{
    supervisor->phase = PHASE_ENDED;
    log_close(&supervisor->log);
    if (supervisor->net) {
        loop_watch(&supervisor->loop, &supervisor->net_source, 0);
        net_free(supervisor->net);
    }
    if (!supervisor->state_path)
        return;
    unlink(supervisor->socket_path);
    supervisor_save_last(supervisor);
    supervisor_save(supervisor);
    /* Before the last clients are served: one of them may take its time. */
    close(supervisor->lock);
}

static int supervisor_move_fd(int fd, int target)
{
    if (fd != target)
        return dup3(fd, target, O_CLOEXEC);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

/* Of what was open only the reply pipe and what comes behind it stay: the companion's socket, or the locks
 * that `serve` holds. */
static void supervisor_leave(const struct container_spec *spec, int *companion)
{
    char title[96];
    int null = open("/dev/null", O_RDWR);

    setsid();
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    if (*companion >= 0) {
        *companion = supervisor_move_fd(*companion, SUPERVISOR_KEPT);
        close_range(SUPERVISOR_KEPT + 1, ~0u, 0);
    } else if (null > 2) {
        close(null);
    }
    umask(022);
    if (chdir("/"))
        _exit(70);
    snprintf(title, sizeof title, "mydocker-core: %s", spec->name);
    process_title_set(title);
}

/* `companion` is the socket of the process that relays to the user, -1 when there is none. */
static _Noreturn void supervisor_main(const struct request *request, struct container_spec *spec, int reply,
                                      int companion)
{
    struct supervisor *supervisor = memory_allocate(1, sizeof *supervisor);
    struct failure failure;
    int kept = SUPERVISOR_KEPT;

    supervisor->spec = *spec;
    supervisor->log.fd = -1;
    supervisor_leave(spec, &companion);
    while (companion < 0 && fcntl(kept, F_GETFD) >= 0)
        kept++;
    if (supervisor_start(supervisor, request, reply, companion, &failure)) {
        supervisor_record_failure(supervisor, &failure);
        supervisor_close(supervisor);
        json_write_failure(reply, request->id, &failure);
        control_close(supervisor);
        _exit(1);
    }
    close(reply);
    if (kept > SUPERVISOR_KEPT)
        close_range(SUPERVISOR_KEPT, (unsigned)kept - 1, 0);
    while (!supervisor->loop.ended)
        supervisor_step(supervisor);
    supervisor_close(supervisor);
    control_close(supervisor);
    _exit(0);
}

/* The process that goes on is the one between the user and the container. */
static int supervisor_fork(const struct request *request, struct container_spec *spec, int reply)
{
    int ends[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return -1;
    pid = fork();
    if (pid < 0)
        return -1;
    if (pid == 0)
        supervisor_main(request, spec, reply, ends[1]);
    close(ends[1]);
    ends[0] = supervisor_move_fd(ends[0], SUPERVISOR_KEPT);
    close_range(SUPERVISOR_KEPT + 1, ~0u, 0);
    return ends[0];
}

/* Without a user at its streams the process that `serve` forked becomes the supervisor itself: it is nobody's
 * child as soon as the command ends. It holds the locks until the container runs or has failed. */
int operation_start(const struct request *request, int reply)
{
    struct container_spec spec;
    struct failure failure;
    int companion;

    if (spec_parse_container(request, &spec, &failure) == 0) {
        if (!spec.attach.wanted) {
            prctl(PR_SET_PDEATHSIG, 0);
            supervisor_main(request, &spec, reply, -1);
        }
        foreground_give_size(&spec.process);
        companion = supervisor_fork(request, &spec, reply);
        if (companion >= 0)
            return attach_relay(companion, &spec.attach, spec.process.tty, false, request->id, reply);
        fail(&failure, STAGE_SUPERVISOR, errno, "cannot start the supervisor of container %s", spec.name);
    }
    json_write_failure(reply, request->id, &failure);
    return 1;
}
