#include "exec-relay.h"

#include "backlog.h"
#include "detach-keys.h"
#include "memory.h"
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXEC_READ 32768

static bool exec_is_shareable(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

static int exec_open_null(void)
{
    return open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* One output: a pipe whose reading end is ours. Never the user's own fd: what the program leaves running in
 * the background would hold it, and whoever reads it would wait for that. */
static int exec_open_output(int *mine, int *theirs)
{
    int ends[2];

    *mine = -1;
    if (pipe2(ends, O_CLOEXEC))
        return -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *mine = ends[0];
    *theirs = ends[1];
    return 0;
}

static int exec_open_input(struct exec_relay *relay, int *theirs)
{
    int ends[2];

    if (!relay->use_stdin)
        return (*theirs = exec_open_null()) < 0 ? -1 : 0;
    if (exec_is_shareable(0)) {
        relay->use_stdin = false;
        *theirs = 0;
        return 0;
    }
    if (pipe2(ends, O_CLOEXEC))
        return -1;
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    relay->in = ends[1];
    *theirs = ends[0];
    return 0;
}

int exec_relay_open(struct exec_relay *relay, const struct exec_spec *spec, struct exec_streams *streams)
{
    *relay = (struct exec_relay){.terminal = -1, .in = -1, .out = -1, .err = -1, .foreground.signals = -1};
    *streams = (struct exec_streams){-1, -1, -1};
    relay->use_stdin = spec->use_stdin;
    relay->capture = strcmp(spec->output, "capture") == 0;
    if (spec->process.tty) {
        relay->detach_keys = spec->detach_keys;
        return 0;
    }
    if (!spec->foreground && !relay->capture) {
        relay->use_stdin = false;
        streams->in = streams->out = streams->err = exec_open_null();
        return streams->in < 0 ? -1 : 0;
    }
    if (exec_open_input(relay, &streams->in) || exec_open_output(&relay->out, &streams->out) ||
        exec_open_output(&relay->err, &streams->err))
        return -1;
    return 0;
}

void exec_relay_close_ends(const struct exec_streams *streams)
{
    if (streams->in > 2)
        close(streams->in);
    if (streams->out > 2)
        close(streams->out);
    if (streams->err > 2 && streams->err != streams->out)
        close(streams->err);
}

static void exec_capture(struct exec_capture *capture, const char *data, size_t size)
{
    size_t room = EXEC_CAPTURE_LIMIT - capture->size;

    if (size > room)
        size = room;
    capture->data = memory_resize(capture->data, capture->size + size, 1);
    memcpy(capture->data + capture->size, data, size);
    capture->size += size;
}

/* One read of the process's output. False: nothing more now (or never: then *fd is closed). */
static bool exec_output(struct exec_relay *relay, int *fd, int target)
{
    char buffer[EXEC_READ];
    ssize_t n = read(*fd, buffer, sizeof buffer);

    if (n < 0 && errno == EINTR)
        return true;
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n > 0 && relay->capture)
        exec_capture(&relay->captured[target - 1], buffer, (size_t)n);
    if (n > 0 && (relay->capture || foreground_write(target, buffer, (size_t)n)))
        return true;
    /* The end, or the user's reader is gone: the process gets EPIPE in its turn. A terminal's end (EIO) is
     * only that nobody has it open. */
    if (relay->terminal != *fd) {
        close(*fd);
        *fd = -1;
    }
    return false;
}

struct exec_input {
    struct backlog backlog;
    struct detach_keys keys;
    int fd; /* where it goes: a pipe or the terminal */
    bool open;
};

static void exec_input_close(struct exec_relay *relay, struct exec_input *input)
{
    input->open = false;
    if (relay->in >= 0 && !input->backlog.first) {
        close(relay->in);
        relay->in = input->fd = -1;
    }
}

/* True when the detach keys were typed. */
static bool exec_stdin(struct exec_relay *relay, struct exec_input *input)
{
    char buffer[EXEC_READ], typed[EXEC_READ + DETACH_KEYS_LIMIT];
    ssize_t n = read(0, buffer, sizeof buffer);
    size_t size;
    bool detached;

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return false;
    if (n <= 0) {
        exec_input_close(relay, input);
        return false;
    }
    detached = detach_keys_filter(&input->keys, buffer, (size_t)n, typed, &size);
    if (!backlog_send(&input->backlog, input->fd, typed, size)) {
        backlog_free(&input->backlog);
        exec_input_close(relay, input);
    }
    return detached;
}

static void exec_signal(struct exec_relay *relay, int number)
{
    /* To the whole group: what a terminal's keys would do. The process has not been collected. */
    kill(-relay->pid, number);
}

static bool exec_collect(struct exec_relay *relay, int *code)
{
    int status;

    if (waitpid(relay->pid, &status, WNOHANG) != relay->pid)
        return false;
    *code = exec_status_code(status);
    return true;
}

static void exec_resize(const struct exec_relay *relay)
{
    unsigned rows, cols;

    if (relay->terminal >= 0 && foreground_size(&rows, &cols))
        pty_resize(relay->terminal, rows, cols);
}

/* True when there is a result. */
static bool exec_signalled(struct exec_relay *relay, int *code, enum exec_result *result)
{
    int number;

    switch (foreground_read(&relay->foreground, &number)) {
    case FOREGROUND_CHILD:
        *result = EXEC_EXITED;
        return exec_collect(relay, code);
    case FOREGROUND_RESIZE:
        exec_resize(relay);
        return false;
    case FOREGROUND_ORPHAN:
        *result = EXEC_ORPHANED;
        return true;
    case FOREGROUND_SIGNAL:
        exec_signal(relay, number);
        return false;
    default:
        return false;
    }
}

static bool exec_poll(struct exec_relay *relay, struct exec_input *input, int *code, enum exec_result *result)
{
    bool waits = input->backlog.first != NULL;
    int *out = relay->terminal >= 0 ? &relay->terminal : &relay->out;
    struct pollfd polls[] = {
        {.fd = relay->foreground.signals, .events = POLLIN},
        {.fd = *out, .events = POLLIN},
        {.fd = relay->err, .events = POLLIN},
        {.fd = input->open && !waits ? 0 : -1, .events = POLLIN},
        {.fd = waits ? input->fd : -1, .events = POLLOUT},
    };

    if (poll(polls, sizeof polls / sizeof polls[0], -1) < 0)
        return false;
    if (polls[1].revents)
        exec_output(relay, out, 1);
    if (polls[2].revents)
        exec_output(relay, &relay->err, 2);
    if (polls[4].revents && !backlog_flush(&input->backlog, input->fd))
        backlog_free(&input->backlog);
    if (polls[4].revents && !input->open)
        exec_input_close(relay, input);
    if (polls[3].revents && exec_stdin(relay, input)) {
        *result = EXEC_DETACHED;
        return true;
    }
    return polls[0].revents && exec_signalled(relay, code, result);
}

static void exec_drain(struct exec_relay *relay)
{
    int *out = relay->terminal >= 0 ? &relay->terminal : &relay->out;

    while (*out >= 0 && exec_output(relay, out, 1))
        ;
    while (relay->err >= 0 && exec_output(relay, &relay->err, 2))
        ;
}

enum exec_result exec_relay_run(struct exec_relay *relay, int *code)
{
    struct exec_input input = {.keys.keys = relay->detach_keys, .fd = relay->in, .open = relay->use_stdin};
    enum exec_result result = EXEC_EXITED;

    if (relay->terminal >= 0) {
        fcntl(relay->terminal, F_SETFL, O_NONBLOCK);
        input.fd = relay->terminal;
        exec_resize(relay);
    }
    /* It may have ended before the signals were ours. */
    if (!exec_collect(relay, code))
        while (!exec_poll(relay, &input, code, &result))
            ;
    if (result == EXEC_EXITED)
        exec_drain(relay);
    backlog_free(&input.backlog);
    foreground_close(&relay->foreground);
    return result;
}
