#include "serve-internal.h"

#include "cleanup.h"
#include "json.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

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

void serve_detach(void)
{
    prctl(PR_SET_PDEATHSIG, 0);
    setsid();
}

static bool serve_starts(const struct request *request)
{
    return strcmp(request->op, "start") == 0;
}

/* Something of the user's goes on after the reply. */
static bool serve_is_session(const struct request *request)
{
    const char *attach = proto_get(request, "attach");

    if (serve_starts(request))
        return attach && strcmp(attach, "1") == 0;
    return strcmp(request->op, "exec") == 0 || strcmp(request->op, "attach") == 0;
}

/* Set in a forked process: its own getppid() may already be the machine's init. */
static pid_t serve_pid;

pid_t serve_parent(void)
{
    return serve_pid;
}

/* Nothing but the lock that an operation names: the kernel gives up a killed command's locks a moment before
 * it kills this process, and what was under the lock must not be another's by then. */
static void serve_keep_lock(const struct serve *serve, const struct request *request)
{
    const char *path = proto_get(request, "lock");
    struct failure failure;

    if (!path) {
        close_range(SERVE_REPLY_FD, ~0u, 0);
    } else if (lock_keep_one(serve->locks, path, SERVE_REPLY_FD)) {
        fail(&failure, STAGE_LOCK, ENOENT, "lock %s is not held", path);
        json_write_failure(SERVE_REQUEST_FD, request->id, &failure);
        _exit(1);
    }
}

/* In the forked process: only 0, 1, 2, the reply pipe and locks stay open. */
static void serve_run_child(const struct serve *serve, const struct request *request, serve_operation *run,
                            int reply, pid_t parent)
{
    struct failure failure;
    sigset_t none;

    serve_pid = parent;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    signal(SIGCHLD, SIG_DFL);
    /* A session takes the signals over as they are, blocked; the rest goes on when keys are typed. */
    if (!run || !(serve_starts(request) || serve_is_session(request))) {
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
    /* Whoever starts a container holds its lock. If that command is killed now, the lock must not be free
     * before the container runs or has failed: `rm` would take its folders away. */
    if (serve_starts(request))
        lock_keep_only(serve->locks, SERVE_REPLY_FD);
    else
        serve_keep_lock(serve, request);
    _exit(run(request, SERVE_REQUEST_FD));
}

void serve_fork(struct serve *serve, const struct request *request, serve_operation *run)
{
    struct failure failure;
    struct serve_child *child;
    int ends[2] = {-1, -1};
    pid_t parent = getpid(), pid = -1;

    if (pipe2(ends, O_CLOEXEC) == 0)
        pid = fork();
    if (pid == 0)
        serve_run_child(serve, request, run, ends[1], parent);
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
    child->session = run && serve_is_session(request);
    if (!run)
        child->lock_path = memory_copy_string(proto_get(request, "path"));
    child->next = serve->children;
    serve->children = child;
    serve->child_count++;
}

void serve_free_child(struct serve_child *child)
{
    if (child->fd >= 0)
        close(child->fd);
    free(child->id);
    free(child->lock_path);
    free(child->line);
    free(child);
}

/* Killed while it stood between the user and a container: the terminal may still be raw, and somebody waits.
 */
static void serve_lose_session(const struct serve *serve, const struct serve_child *child)
{
    struct json json = {0};

    if (serve->has_terminal)
        tcsetattr(0, TCSANOW, &serve->terminal);
    json_object_begin(&json, NULL);
    json_string(&json, "id", child->id);
    json_string(&json, "event", "lost");
    json_object_end(&json);
    json_write_line(&json, serve->out);
    json_free(&json);
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
        serve_write(serve, child->line, child->size);
        child->replied = child->size > 0;
    }
    if (child->replied && child->session && WIFSIGNALED(child->status))
        serve_lose_session(serve, child);
    if (!child->replied) {
        fail(&failure, STAGE_REQUEST, ECHILD, "the process of the operation ended without a reply");
        json_write_failure(serve->out, child->id, &failure);
    }
    serve_free_child(child);
}

void serve_relay(struct serve *serve, struct serve_child *child)
{
    char buffer[16384];
    ssize_t n = read(child->fd, buffer, sizeof buffer);
    char *last;
    size_t whole;

    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        close(cleanup_steal_fd(&child->fd));
        if (child->lock_path || child->reaped)
            serve_end_child(serve, child);
        return;
    }
    child->line = memory_resize(child->line, child->size + (size_t)n, 1);
    memcpy(child->line + child->size, buffer, (size_t)n);
    child->size += (size_t)n;
    /* Who has the reply about a lock may ask for it again at once: it is passed on when the wait is over and
     * done. */
    if (child->lock_path)
        return;
    last = memrchr(child->line, '\n', child->size);
    if (!last)
        return;
    whole = (size_t)(last + 1 - child->line);
    serve_write(serve, child->line, whole);
    memmove(child->line, child->line + whole, child->size - whole);
    child->size -= whole;
    child->replied = true;
}

void serve_reap(struct serve *serve)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct serve_child *child = serve->children;

        while (child && child->pid != pid)
            child = child->next;
        if (!child)
            continue;
        child->reaped = true;
        child->status = status;
        if (child->fd < 0)
            serve_end_child(serve, child);
    }
}
