#include "attach.h"

#include "backlog.h"
#include "cleanup.h"
#include "detach-keys.h"
#include "foreground.h"
#include "json.h"
#include "operations.h"
#include "proto.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ATTACH_READ 16384

enum attach_result { ATTACH_ON, ATTACH_EXIT, ATTACH_DETACHED, ATTACH_LOST };

struct attach {
    int socket;
    const struct attach_spec *spec;
    struct foreground foreground;
    struct backlog out; /* frames that the supervisor has not taken yet */
    struct stream_decoder decoder;
    struct detach_keys keys;
    bool stdin_open;
    int code;
};

static enum attach_result attach_frame(struct attach *attach, enum stream_kind kind, const void *data,
                                       size_t size)
{
    unsigned char head[STREAM_HEAD];

    stream_head(head, kind, (uint32_t)size);
    backlog_append(&attach->out, head, sizeof head);
    backlog_append(&attach->out, data, size);
    return backlog_flush(&attach->out, attach->socket) ? ATTACH_ON : ATTACH_LOST;
}

static enum attach_result attach_send_size(struct attach *attach)
{
    unsigned rows, cols;
    unsigned char data[4];

    if (!foreground_size(&rows, &cols))
        return ATTACH_ON;
    data[0] = (unsigned char)rows;
    data[1] = (unsigned char)(rows >> 8);
    data[2] = (unsigned char)cols;
    data[3] = (unsigned char)(cols >> 8);
    return attach_frame(attach, STREAM_RESIZE, data, sizeof data);
}

static enum attach_result attach_stdin(struct attach *attach)
{
    char buffer[ATTACH_READ], typed[ATTACH_READ + DETACH_KEYS_LIMIT];
    ssize_t n = read(0, buffer, sizeof buffer);
    size_t size;
    bool detached;

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return ATTACH_ON;
    if (n <= 0) {
        attach->stdin_open = false;
        return attach_frame(attach, STREAM_STDIN, NULL, 0);
    }
    detached = detach_keys_filter(&attach->keys, buffer, (size_t)n, typed, &size);
    if (size > 0 && attach_frame(attach, STREAM_STDIN, typed, size) != ATTACH_ON)
        return ATTACH_LOST;
    return detached ? ATTACH_DETACHED : ATTACH_ON;
}

static enum attach_result attach_piece(struct attach *attach, const struct stream_piece *piece)
{
    char text[64];

    switch (piece->kind) {
    case STREAM_STDOUT:
    case STREAM_STDERR:
        return foreground_write(piece->kind == STREAM_STDOUT ? 1 : 2, piece->data, piece->size)
                   ? ATTACH_ON
                   : ATTACH_DETACHED;
    case STREAM_END:
        snprintf(text, sizeof text, "%.*s", (int)piece->size, (const char *)piece->data);
        return sscanf(text, "{\"code\":%d", &attach->code) == 1 ? ATTACH_EXIT : ATTACH_LOST;
    default:
        return ATTACH_ON;
    }
}

static enum attach_result attach_receive(struct attach *attach)
{
    unsigned char buffer[ATTACH_READ * 4];
    ssize_t n = read(attach->socket, buffer, sizeof buffer), done = 0;
    enum attach_result result = ATTACH_ON;

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return ATTACH_ON;
    if (n <= 0)
        return ATTACH_LOST;
    while (done < n && result == ATTACH_ON) {
        struct stream_piece piece;
        bool found;
        ssize_t taken = stream_decode(&attach->decoder, buffer + done, (size_t)(n - done), &piece, &found);

        if (taken < 0)
            return ATTACH_LOST;
        done += taken;
        if (found)
            result = attach_piece(attach, &piece);
    }
    return result;
}

static enum attach_result attach_signal(struct attach *attach)
{
    int number;
    unsigned char byte;

    switch (foreground_read(&attach->foreground, &number)) {
    case FOREGROUND_RESIZE:
        return attach_send_size(attach);
    case FOREGROUND_ORPHAN:
        return ATTACH_DETACHED;
    case FOREGROUND_SIGNAL:
        if (!attach->spec->sig_proxy)
            return ATTACH_DETACHED;
        byte = (unsigned char)number;
        return attach_frame(attach, STREAM_SIGNAL, &byte, 1);
    default:
        return ATTACH_ON;
    }
}

static enum attach_result attach_poll(struct attach *attach)
{
    bool waits = attach->out.first != NULL;
    struct pollfd polls[] = {
        {.fd = attach->foreground.signals, .events = POLLIN},
        {.fd = attach->socket, .events = (short)(POLLIN | (waits ? POLLOUT : 0))},
        {.fd = attach->stdin_open && !waits ? 0 : -1, .events = POLLIN},
    };
    enum attach_result result = ATTACH_ON;

    if (poll(polls, sizeof polls / sizeof polls[0], -1) < 0)
        return errno == EINTR ? ATTACH_ON : ATTACH_LOST;
    if (polls[0].revents)
        result = attach_signal(attach);
    if (result == ATTACH_ON && (polls[1].revents & POLLOUT) && !backlog_flush(&attach->out, attach->socket))
        backlog_free(&attach->out); /* what is still to be read may have the exit code */
    if (result == ATTACH_ON && (polls[1].revents & (POLLIN | POLLHUP | POLLERR)))
        result = attach_receive(attach);
    if (result == ATTACH_ON && polls[2].revents)
        result = attach_stdin(attach);
    return result;
}

int attach_relay(int socket, const struct attach_spec *spec, bool tty, bool acknowledge, const char *id,
                 int reply)
{
    struct attach attach = {.socket = socket, .spec = spec, .stdin_open = spec->use_stdin};
    enum attach_result result = ATTACH_ON;

    fcntl(socket, F_SETFL, O_NONBLOCK);
    if (foreground_open(&attach.foreground))
        return 1;
    if (tty && spec->use_stdin)
        foreground_make_raw(&attach.foreground);
    if (acknowledge)
        json_write_ok(reply, id);
    if (tty)
        attach.keys.keys = spec->detach_keys;
    if (tty)
        result = attach_send_size(&attach);
    while (result == ATTACH_ON)
        result = attach_poll(&attach);
    foreground_close(&attach.foreground);
    backlog_free(&attach.out);
    close(socket);
    if (result == ATTACH_EXIT)
        foreground_event(reply, id, "exit", attach.code);
    else
        foreground_event(reply, id, result == ATTACH_DETACHED ? "detached" : "lost", -1);
    return 0;
}

static int attach_connect(const char *path, struct failure *failure)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CLEANUP_FD int socket_file = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);

    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", socket_file);
    if (fd < 0 || socket_file < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) {
        fail(failure, STAGE_SUPERVISOR, errno, "cannot connect to %s", path);
        return -1;
    }
    return cleanup_steal_fd(&fd);
}

/* Asks for the stream; the reply's `tty` in *tty. The reply ends before the first frame, so it is read by
 * bytes. */
static int attach_ask(int fd, const struct attach_spec *spec, bool *tty, struct failure *failure)
{
    char line[512], payload[128];
    size_t have = 0;
    int size = snprintf(payload + 4, sizeof payload - 4, "%c%s%c%s=%d%c%s=%d%c%s=%d%c%s=1", 0, "attach", 0,
                        "stdin", spec->use_stdin, 0, "stdout", spec->use_stdout, 0, "stderr",
                        spec->use_stderr, 0, "lossless") +
               1;

    for (int i = 0; i < 4; i++)
        payload[i] = (char)(size >> 8 * i);
    if (!foreground_write(fd, payload, (size_t)size + 4))
        return fail(failure, STAGE_SUPERVISOR, errno, "cannot ask the supervisor");
    while (have < sizeof line - 1 && read(fd, line + have, 1) == 1 && line[have] != '\n')
        have++;
    line[have] = '\0';
    *tty = strstr(line, "\"tty\":true") != NULL;
    if (!strstr(line, "\"ok\":true"))
        return fail(failure, STAGE_SUPERVISOR, ECONNREFUSED, "the supervisor refused to attach");
    return 0;
}

static int attach_parse(const struct request *request, struct attach_spec *spec, const char **path,
                        struct failure *failure)
{
    static const char *const known[] = {"socket",      "stdin",     "stdout", "stderr",
                                        "detach_keys", "sig_proxy", NULL};
    bool *const flags[] = {NULL, &spec->use_stdin, &spec->use_stdout, &spec->use_stderr,
                           NULL, &spec->sig_proxy};

    *spec = (struct attach_spec){.wanted = true, .use_stdout = true, .use_stderr = true};
    if (proto_check_keys(request, known, failure) || proto_require(request, "socket", path, failure))
        return -1;
    spec->detach_keys = proto_get(request, "detach_keys");
    for (size_t i = 0; known[i]; i++) {
        const char *text = flags[i] ? proto_get(request, known[i]) : NULL;
        int64_t value;

        if (text && proto_integer(known[i], text, 0, 1, &value, failure))
            return -1;
        if (text)
            *flags[i] = value == 1;
    }
    return 0;
}

int operation_attach(const struct request *request, int reply)
{
    struct attach_spec spec;
    struct failure failure;
    const char *path;
    CLEANUP_FD int fd = -1;
    bool tty = false;

    if (attach_parse(request, &spec, &path, &failure) || (fd = attach_connect(path, &failure)) < 0 ||
        attach_ask(fd, &spec, &tty, &failure)) {
        json_write_failure(reply, request->id, &failure);
        return 1;
    }
    return attach_relay(cleanup_steal_fd(&fd), &spec, tty, true, request->id, reply);
}
