#include "serve-internal.h"

#include "json.h"
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
        if (!child->session || child->reaped || child->fd < 0)
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
    serve.has_terminal = tcgetattr(0, &serve.terminal) == 0;
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
