#include "serve.h"

#include "cleanup.h"
#include "json.h"
#include "lock.h"
#include "memory.h"
#include "operations.h"
#include "version.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define SERVE_REQUEST_FD 3
#define SERVE_REPLY_FD 4

/* One forked operation: its reply lines come through a pipe, so that lines of two never mix. */
struct serve_child {
    pid_t pid;
    int fd;
    char *id;
    char *lock_path; /* a wait for a lock, not an operation */
    char *line;      /* what has come of an unfinished line */
    size_t size;
    bool session; /* may stand between the user and a container: gets the orchestrator's signals */
    bool replied, reaped;
    int status;
    struct serve_child *next;
};

struct serve {
    int in, out, signals;
    struct proto_reader reader;
    struct lock_table *locks;
    struct serve_child *children;
    size_t child_count;
};

static void serve_write(const struct serve *serve, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(serve->out, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            exit(0); /* nobody listens any more */
        data += n;
        size -= (size_t)n;
    }
}

static void serve_ping(const struct serve *serve, const struct request *request)
{
    struct json json = {0};
    struct utsname name;

    uname(&name);
    json_reply_begin(&json, request->id);
    json_string(&json, "version", CORE_VERSION);
    json_string(&json, "kernel", name.release);
    json_object_end(&json);
    json_write_line(&json, serve->out);
    json_free(&json);
}

void serve_detach(void)
{
    prctl(PR_SET_PDEATHSIG, 0);
    setsid();
}

static bool serve_is_session(const char *op)
{
    return strcmp(op, "exec") == 0 || strcmp(op, "attach") == 0 || strcmp(op, "start") == 0;
}

/* In the forked process: only 0, 1, 2 and the reply pipe stay open. */
static void serve_run_child(const struct serve *serve, const struct request *request, serve_operation *run,
                            int reply)
{
    struct failure failure;
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGCHLD, SIG_DFL);
    /* A session takes the signals over as they are, blocked; the rest goes on when keys are typed. */
    if (!run || !serve_is_session(request->op)) {
        signal(SIGINT, SIG_IGN);
        signal(SIGQUIT, SIG_IGN);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
    }
    if (!run) {
        int result = lock_wait(serve->locks, request, &failure);
        if (result == 0)
            json_write_ok(reply, request->id);
        else
            json_write_failure(reply, request->id, &failure);
        _exit(result ? 1 : 0);
    }
    dup3(reply, SERVE_REQUEST_FD, O_CLOEXEC);
    close_range(SERVE_REPLY_FD, ~0u, 0);
    _exit(run(request, SERVE_REQUEST_FD));
}

static void serve_fork(struct serve *serve, const struct request *request, serve_operation *run)
{
    struct failure failure;
    struct serve_child *child;
    int ends[2] = {-1, -1};
    pid_t pid = -1;

    if (pipe2(ends, O_CLOEXEC) == 0)
        pid = fork();
    if (pid == 0)
        serve_run_child(serve, request, run, ends[1]);
    if (pid < 0) {
        fail(&failure, STAGE_REQUEST, errno, "cannot start a process for %s", request->op);
        json_write_failure(serve->out, request->id, &failure);
        if (ends[0] >= 0)
            close(ends[0]), close(ends[1]);
        return;
    }
    close(ends[1]);
    child = memory_allocate(1, sizeof *child);
    child->pid = pid;
    child->fd = ends[0];
    child->id = memory_copy_string(request->id);
    child->session = run && serve_is_session(request->op);
    if (!run)
        child->lock_path = memory_copy_string(proto_get(request, "path"));
    child->next = serve->children;
    serve->children = child;
    serve->child_count++;
}

static void serve_lock(struct serve *serve, const struct request *request)
{
    struct failure failure;

    switch (lock_acquire(serve->locks, request, &failure)) {
    case LOCK_HELD:
        json_write_ok(serve->out, request->id);
        break;
    case LOCK_FAILED:
        json_write_failure(serve->out, request->id, &failure);
        break;
    case LOCK_WAIT:
        serve_fork(serve, request, NULL);
        break;
    }
}

static void serve_request(struct serve *serve, const struct request *request)
{
    struct failure failure;
    serve_operation *run;

    if (strcmp(request->op, "ping") == 0) {
        serve_ping(serve, request);
    } else if (strcmp(request->op, "lock") == 0) {
        serve_lock(serve, request);
    } else if (strcmp(request->op, "unlock") == 0) {
        if (lock_release(serve->locks, request, &failure))
            json_write_failure(serve->out, request->id, &failure);
        else
            json_write_ok(serve->out, request->id);
    } else if ((run = operation_find(request->op))) {
        serve_fork(serve, request, run);
    } else {
        fail(&failure, STAGE_REQUEST, ENOSYS, "unknown operation %.60s", request->op);
        json_write_failure(serve->out, request->id, &failure);
    }
}

/* False at the end of the requests. A broken frame ends them too: what follows it cannot be trusted. */
static bool serve_read(struct serve *serve)
{
    struct request request;
    struct failure failure;
    char *payload;
    size_t size;
    bool decoded;

    switch (proto_read(&serve->reader, &payload, &size)) {
    case PROTO_AGAIN:
        return true;
    case PROTO_END:
        return false;
    case PROTO_ERROR:
        fail(&failure, STAGE_REQUEST, errno, "cannot read a request");
        json_write_failure(serve->out, "", &failure);
        return false;
    case PROTO_FRAME:
        break;
    }
    decoded = proto_decode(payload, size, &request, &failure) == 0;
    if (decoded)
        serve_request(serve, &request);
    else
        json_write_failure(serve->out, request.id, &failure);
    proto_free(&request);
    return decoded;
}

static void serve_free_child(struct serve_child *child)
{
    close(child->fd);
    free(child->id);
    free(child->lock_path);
    free(child->line);
    free(child);
}

static void serve_end_child(struct serve *serve, struct serve_child *child)
{
    struct serve_child **link = &serve->children;
    struct failure failure;

    while (*link != child)
        link = &(*link)->next;
    *link = child->next;
    serve->child_count--;
    /* A lock's waiter ends with its reply; others may live on as supervisors and are collected when they end.
     */
    if (child->lock_path) {
        if (!child->reaped)
            waitpid(child->pid, &child->status, 0);
        lock_settle(serve->locks, child->lock_path, child->status == 0);
    }
    if (!child->replied) {
        fail(&failure, STAGE_REQUEST, ECHILD, "the process of the operation ended without a reply");
        json_write_failure(serve->out, child->id, &failure);
    }
    serve_free_child(child);
}

/* Passes on whole lines only. */
static void serve_relay(struct serve *serve, struct serve_child *child)
{
    char buffer[16384];
    ssize_t n = read(child->fd, buffer, sizeof buffer);
    char *last;
    size_t whole;

    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        serve_end_child(serve, child);
        return;
    }
    child->line = memory_resize(child->line, child->size + (size_t)n, 1);
    memcpy(child->line + child->size, buffer, (size_t)n);
    child->size += (size_t)n;
    last = memrchr(child->line, '\n', child->size);
    if (!last)
        return;
    whole = (size_t)(last + 1 - child->line);
    serve_write(serve, child->line, whole);
    memmove(child->line, child->line + whole, child->size - whole);
    child->size -= whole;
    child->replied = true;
}

static void serve_reap(struct serve *serve)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (struct serve_child *child = serve->children; child; child = child->next)
            if (child->pid == pid) {
                child->reaped = true;
                child->status = status;
            }
}

static void serve_child_ended(int number)
{
    (void)number;
}

/* SIGCHLD is open only while polling, so that a process that ends at any moment is collected at once: a
 * zombie still has its start time in /proc and would pass for alive. */
static void serve_watch_children(sigset_t *polling)
{
    struct sigaction action = {.sa_handler = serve_child_ended};
    sigset_t blocked;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, polling);
    sigdelset(polling, SIGCHLD);
    sigaction(SIGCHLD, &action, NULL);
}

static int serve_watch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM};
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaddset(&set, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The orchestrator's signals are for what runs in the foreground; a terminal's keys reach that by themselves.
 * False when nothing does and `serve` is to end. */
static bool serve_pass_on_signal(const struct serve *serve)
{
    struct signalfd_siginfo info;
    bool passed = false;

    if (read(serve->signals, &info, sizeof info) != sizeof info)
        return true;
    for (struct serve_child *child = serve->children; child; child = child->next) {
        if (!child->session || child->reaped)
            continue;
        passed = true;
        if (info.ssi_code != SI_KERNEL)
            kill(child->pid, (int)info.ssi_signo);
    }
    return passed || (info.ssi_signo != SIGTERM && info.ssi_signo != SIGHUP);
}

/* One round of the loop; false when the requests have ended. */
static bool serve_poll(struct serve *serve, struct pollfd **polls, const sigset_t *polling)
{
    size_t count = 2;
    struct serve_child *child, *next;
    bool alive = true;

    *polls = memory_resize(*polls, serve->child_count + count, sizeof **polls);
    (*polls)[0] = (struct pollfd){.fd = serve->in, .events = POLLIN};
    (*polls)[1] = (struct pollfd){.fd = serve->signals, .events = POLLIN};
    for (child = serve->children; child; child = child->next)
        (*polls)[count++] = (struct pollfd){.fd = child->fd, .events = POLLIN};
    if (ppoll(*polls, (nfds_t)count, NULL, polling) < 0) {
        bool interrupted = errno == EINTR;

        serve_reap(serve);
        return interrupted;
    }
    count = 2;
    for (child = serve->children; child; child = next) {
        next = child->next;
        if ((*polls)[count++].revents)
            serve_relay(serve, child);
    }
    if ((*polls)[0].revents)
        alive = serve_read(serve);
    serve_reap(serve);
    if ((*polls)[1].revents)
        alive = serve_pass_on_signal(serve) && alive;
    return alive;
}

int serve_main(void)
{
    struct serve serve = {.in = SERVE_REQUEST_FD, .out = SERVE_REPLY_FD};
    struct pollfd *polls = NULL;
    sigset_t polling;
    pid_t parent = getppid();

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        return 0;
    prctl(PR_SET_NAME, "mydocker-core"); /* an execution by fd has a number for a name */
    if (fcntl(serve.in, F_SETFD, FD_CLOEXEC) || fcntl(serve.out, F_SETFD, FD_CLOEXEC))
        return 2;
    serve.signals = serve_watch_signals();
    serve.reader.fd = serve.in;
    serve.locks = lock_table_new();
    serve_watch_children(&polling);
    while (serve_poll(&serve, &polls, &polling))
        ;
    while (serve.children) {
        struct serve_child *next = serve.children->next;

        serve_free_child(serve.children);
        serve.children = next;
    }
    free(polls);
    proto_reader_free(&serve.reader);
    lock_table_free(serve.locks);
    return 0;
}
