#include "client.h"
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#define OUTPUT_READ (64 << 10)
#define OUTPUT_REST 1000 /* ms without output after which buffers are given back */

/* One buffer for every read of this process. Its pages go back to the kernel when the container is quiet. */
static char output_buffer[OUTPUT_READ] __attribute__((aligned(4096)));

static void output_rest(struct loop_timer *timer)
{
    struct supervisor *supervisor = loop_owner(timer, struct supervisor, rest);

    log_rest(&supervisor->log);
    madvise(output_buffer, sizeof output_buffer, MADV_DONTNEED);
    malloc_trim(0);
}

static void output_ready(struct loop_source *source, uint32_t events);
static void output_input_ready(struct loop_source *source, uint32_t events);

void output_timers(struct supervisor *supervisor)
{
    supervisor->rest.expired = output_rest;
    supervisor->out = (struct supervisor_output){{-1, 0, output_ready}, supervisor, LOG_STDOUT};
    supervisor->err = (struct supervisor_output){{-1, 0, output_ready}, supervisor, LOG_STDERR};
    supervisor->in = (struct loop_source){-1, 0, output_input_ready};
    supervisor->terminal = supervisor->terminal_peer = -1;
}

static int output_pipe(int *mine, int *theirs, bool writes)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC))
        return -1;
    *mine = ends[writes ? 1 : 0];
    *theirs = ends[writes ? 0 : 1];
    return fcntl(*mine, F_SETFL, O_NONBLOCK);
}

void output_close_ends(struct output_ends *ends)
{
    if (ends->in >= 0)
        close(ends->in);
    if (ends->out >= 0)
        close(ends->out);
    if (ends->err >= 0)
        close(ends->err);
    *ends = (struct output_ends){-1, -1, -1};
}

int output_open(struct supervisor *supervisor, struct output_ends *ends)
{
    const char *mode = supervisor->spec.stdin_mode;
    bool open_stdin = mode && strcmp(mode, "closed") != 0;

    *ends = (struct output_ends){-1, -1, -1};
    if (supervisor->spec.process.tty)
        return 0;
    if (open_stdin ? output_pipe(&supervisor->in.fd, &ends->in, true)
                   : (ends->in = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0)
        return -1;
    if (output_pipe(&supervisor->out.source.fd, &ends->out, false) ||
        output_pipe(&supervisor->err.source.fd, &ends->err, false))
        return -1;
    return 0;
}

void output_resize(struct supervisor *supervisor, unsigned rows, unsigned cols)
{
    supervisor->rows = rows;
    supervisor->cols = cols;
    if (supervisor->terminal >= 0 && rows && cols)
        pty_resize(supervisor->terminal, rows, cols);
}

void output_watch(struct supervisor *supervisor, int terminal)
{
    supervisor->terminal = terminal;
    if (terminal >= 0) {
        fcntl(terminal, F_SETFL, O_NONBLOCK);
        supervisor->out.source.fd = terminal;
        supervisor->in.fd = fcntl(terminal, F_DUPFD_CLOEXEC, 3);
        supervisor->terminal_peer = pty_peer(terminal);
        output_resize(supervisor, supervisor->rows, supervisor->cols);
    }
    supervisor->in_ending = false;
    supervisor->output_held = false;
    output_balance(supervisor);
}

static void output_deliver(struct supervisor_output *output, size_t size)
{
    struct supervisor *supervisor = output->supervisor;

    log_write(&supervisor->log, output->stream, output_buffer, size);
    attached_output(supervisor, output->stream == LOG_STDOUT ? STREAM_STDOUT : STREAM_STDERR, output_buffer,
                    size);
    if (!supervisor->rest.armed)
        loop_set_timer(&supervisor->loop, &supervisor->rest, OUTPUT_REST);
}

/* One read. False when there is nothing more: no data now (*ended false) or never. */
static bool output_read(struct supervisor_output *output, bool *ended)
{
    ssize_t n = read(output->source.fd, output_buffer, sizeof output_buffer);

    *ended = false;
    if (n > 0) {
        output_deliver(output, (size_t)n);
        return true;
    }
    if (n < 0 && errno == EINTR)
        return true;
    *ended = n == 0 || errno != EAGAIN;
    return false;
}

static void output_ready(struct loop_source *source, uint32_t events)
{
    struct supervisor_output *output = loop_owner(source, struct supervisor_output, source);
    bool ended;

    (void)events;
    if (!output_read(output, &ended) && ended)
        loop_drop(&output->supervisor->loop, source);
}

static void output_drain(struct supervisor_output *output)
{
    bool ended;

    if (output->source.fd < 0)
        return;
    while (output_read(output, &ended))
        ;
    loop_drop(&output->supervisor->loop, &output->source);
}

void output_finish(struct supervisor *supervisor)
{
    output_drain(&supervisor->out);
    output_drain(&supervisor->err);
    loop_drop(&supervisor->loop, &supervisor->in);
    if (supervisor->terminal_peer >= 0)
        close(supervisor->terminal_peer);
    supervisor->terminal = supervisor->terminal_peer = -1;
    backlog_free(&supervisor->in_backlog);
    log_end(&supervisor->log);
}

static void output_set(struct supervisor *supervisor, struct supervisor_output *output)
{
    if (output->source.fd >= 0)
        loop_watch(&supervisor->loop, &output->source, supervisor->output_held ? 0 : EPOLLIN);
}

void output_balance(struct supervisor *supervisor)
{
    bool hold = false;

    for (struct client *client = supervisor->clients; client; client = client->next)
        if (!client->dead && client->attached && client->lossless && client->out.size > CLIENT_BACKLOG_HOLD)
            hold = true;
    supervisor->output_held = hold;
    output_set(supervisor, &supervisor->out);
    output_set(supervisor, &supervisor->err);
}

static void output_release_clients(struct supervisor *supervisor)
{
    for (struct client *client = supervisor->clients; client; client = client->next)
        if (client->attached)
            client_watch(client);
}

static void output_input_ready(struct loop_source *source, uint32_t events)
{
    struct supervisor *supervisor = loop_owner(source, struct supervisor, in);

    (void)events;
    if (!backlog_flush(&supervisor->in_backlog, source->fd))
        backlog_free(&supervisor->in_backlog);
    if (supervisor->in_backlog.size)
        return;
    loop_watch(&supervisor->loop, source, 0);
    if (supervisor->in_ending)
        loop_drop(&supervisor->loop, source);
    output_release_clients(supervisor);
}

bool output_input(struct supervisor *supervisor, const void *data, size_t size)
{
    if (supervisor->in.fd < 0)
        return true;
    if (!backlog_send(&supervisor->in_backlog, supervisor->in.fd, data, size))
        loop_drop(&supervisor->loop, &supervisor->in); /* the container has closed its stdin */
    if (supervisor->in_backlog.size == 0)
        return true;
    loop_watch(&supervisor->loop, &supervisor->in, EPOLLOUT);
    return false;
}

void output_input_end(struct supervisor *supervisor)
{
    if (supervisor->spec.process.tty || strcmp(supervisor->spec.stdin_mode, "once") != 0)
        return;
    supervisor->in_ending = true;
    if (supervisor->in_backlog.size == 0)
        loop_drop(&supervisor->loop, &supervisor->in);
}
