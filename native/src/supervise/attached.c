#include "client.h"

#include "json.h"
#include "memory.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

void attached_begin(struct client *client)
{
    client->attached = true;
    client->decoder = memory_allocate(1, sizeof *client->decoder);
    event_write(&client->supervisor->events, "attach", NULL);
    client_watch(client);
}

static unsigned attached_number(const unsigned char *bytes)
{
    return bytes[0] | (unsigned)bytes[1] << 8;
}

/* False: the client is to be held until stdin has room. */
static bool attached_piece(struct client *client, const struct stream_piece *piece)
{
    struct supervisor *supervisor = client->supervisor;
    struct failure ignored;

    if (piece->kind == STREAM_RESIZE && piece->size == 4)
        output_resize(supervisor, attached_number(piece->data), attached_number(piece->data + 2));
    if (piece->kind == STREAM_SIGNAL && piece->size == 1)
        client_signal(supervisor, piece->data[0], &ignored);
    if (piece->kind != STREAM_STDIN || !client->use_stdin)
        return true;
    if (piece->size > 0)
        return output_input(supervisor, piece->data, piece->size);
    client->use_stdin = false;
    output_input_end(supervisor);
    return true;
}

void attached_read(struct client *client)
{
    unsigned char buffer[16384];
    ssize_t n = read(client->source.fd, buffer, sizeof buffer), done = 0;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        client_drop(client);
        return;
    }
    /* The rest of this buffer may go over what stdin takes now; output_input keeps it. */
    while (done < n && !client->dead) {
        struct stream_piece piece;
        bool found;
        ssize_t taken = stream_decode(client->decoder, buffer + done, (size_t)(n - done), &piece, &found);

        if (taken < 0) {
            client_drop(client);
            return;
        }
        done += taken;
        if (found)
            attached_piece(client, &piece);
    }
}

static void attached_send(struct client *client, enum stream_kind kind, const void *data, size_t size)
{
    struct supervisor *supervisor = client->supervisor;
    unsigned char head[STREAM_HEAD];

    stream_head(head, kind, (uint32_t)size);
    if (!backlog_send(&client->out, client->source.fd, head, sizeof head) ||
        !backlog_send(&client->out, client->source.fd, data, size) ||
        (client->out.size > CLIENT_BACKLOG_LIMIT && !client->lossless)) {
        client_drop(client);
        return;
    }
    client_watch(client);
    if (!client->dead && client->lossless && client->out.size > CLIENT_BACKLOG_HOLD &&
        !supervisor->output_held)
        output_balance(supervisor);
}

void attached_output(struct supervisor *supervisor, enum stream_kind kind, const void *data, size_t size)
{
    for (struct client *client = supervisor->clients; client; client = client->next)
        if (client->attached && !client->dead && !client->closing &&
            (kind == STREAM_STDOUT ? client->use_stdout : client->use_stderr))
            attached_send(client, kind, data, size);
}

void attached_end(struct supervisor *supervisor, int code)
{
    for (struct client *client = supervisor->clients; client; client = client->next) {
        struct json json = {0};

        if (!client->attached || client->dead || client->closing)
            continue;
        json_object_begin(&json, NULL);
        json_integer(&json, "code", code);
        json_object_end(&json);
        attached_send(client, STREAM_END, json.data, json.size);
        json_free(&json);
        client->closing = true;
        client_watch(client);
    }
}

bool attached_any(const struct supervisor *supervisor)
{
    for (const struct client *client = supervisor->clients; client; client = client->next)
        if (client->attached && !client->dead)
            return true;
    return false;
}
