#include "client.h"

#include "json.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONTROL_END_LIMIT 1000 /* ms that the last replies may take */

void client_drop(struct client *client)
{
    struct supervisor *supervisor = client->supervisor;

    if (client->dead)
        return;
    client->dead = true;
    loop_drop(&supervisor->loop, &client->source);
    backlog_free(&client->out);
    client_end_lease(client);
    if (!client->attached)
        return;
    if (supervisor->phase != PHASE_ENDED && !client->closing)
        event_write(&supervisor->events, "detach", NULL);
    if (client->use_stdin && !client->closing)
        output_input_end(supervisor);
    output_balance(supervisor);
}

static void client_free(struct client *client)
{
    while (client->pending) {
        struct pending *pending = client->pending;

        client->pending = pending->next;
        free(pending->id);
        free(pending);
    }
    proto_reader_free(&client->reader);
    free(client->decoder);
    free(client);
}

void control_sweep(struct supervisor *supervisor)
{
    struct client **link = &supervisor->clients;

    while (*link) {
        struct client *client = *link;

        if (client->dead) {
            *link = client->next;
            client_free(client);
        } else {
            link = &client->next;
        }
    }
}

void client_watch(struct client *client)
{
    struct supervisor *supervisor = client->supervisor;
    uint32_t events = client->out.first ? EPOLLOUT : 0;
    bool held = client->attached && (supervisor->phase == PHASE_WAITING || supervisor->in_backlog.size > 0);

    if (client->dead)
        return;
    if (client->closing && !client->out.first) {
        client_drop(client);
        return;
    }
    if (!client->closing && !held)
        events |= EPOLLIN;
    /* EPOLLRDHUP alone keeps a held client's end visible. */
    loop_watch(&supervisor->loop, &client->source, events ? events : EPOLLRDHUP);
}

void client_write(struct client *client, const void *data, size_t size)
{
    if (client->dead)
        return;
    if (!backlog_send(&client->out, client->source.fd, data, size) || client->out.size > CLIENT_BACKLOG_LIMIT)
        client_drop(client);
    else
        client_watch(client);
}

static void client_read_request(struct client *client)
{
    struct request request;
    struct failure failure;
    struct json json = {0};
    char *payload;
    size_t size;

    switch (proto_read(&client->reader, &payload, &size)) {
    case PROTO_AGAIN:
        return;
    case PROTO_END:
    case PROTO_ERROR:
        client_drop(client);
        return;
    case PROTO_FRAME:
        break;
    }
    if (proto_decode(payload, size, &request, &failure)) {
        json_failure_line(&json, request.id, &failure);
        client_write(client, json.data, json.size);
        json_free(&json);
    } else {
        client_request(client, &request);
    }
    proto_free(&request);
}

static void client_ready(struct loop_source *source, uint32_t events)
{
    struct client *client = loop_owner(source, struct client, source);
    bool held = client->attached && client->out.size > CLIENT_BACKLOG_HOLD;

    if ((events & EPOLLERR) || ((events & EPOLLRDHUP) && !(source->events & EPOLLIN))) {
        client_drop(client);
        return;
    }
    if ((events & EPOLLOUT) && !backlog_flush(&client->out, source->fd)) {
        client_drop(client);
        return;
    }
    if (events & (EPOLLIN | EPOLLHUP) && source->events & EPOLLIN) {
        if (client->attached)
            attached_read(client);
        else
            client_read_request(client);
    } else if (events & EPOLLHUP) {
        client_drop(client);
    }
    if (!client->dead) {
        client_watch(client);
        if (held)
            output_balance(client->supervisor);
    }
}

struct client *client_new(struct supervisor *supervisor, int fd)
{
    struct client *client = memory_allocate(1, sizeof *client);

    fcntl(fd, F_SETFL, O_NONBLOCK);
    client->supervisor = supervisor;
    client->source = (struct loop_source){fd, 0, client_ready};
    client->reader.fd = fd;
    client->next = supervisor->clients;
    supervisor->clients = client;
    return client;
}

void client_owe(struct client *client, enum pending_kind kind, const char *id)
{
    struct pending *pending = memory_allocate(1, sizeof *pending);

    *pending = (struct pending){kind, memory_copy_string(id), client->pending};
    client->pending = pending;
}

static void client_pay(struct client *client, const struct pending *pending, const struct failure *failure)
{
    struct json json = {0};

    if (failure) {
        json_failure_line(&json, pending->id, failure);
    } else {
        json_reply_begin(&json, pending->id);
        if (pending->kind != PENDING_RESTART)
            json_integer(&json, "code", client->supervisor->state.exit_code);
        json_object_end(&json);
        json_end_line(&json);
    }
    client_write(client, json.data, json.size);
    json_free(&json);
}

void client_settle(struct supervisor *supervisor, enum pending_kind kind, const struct failure *failure)
{
    for (struct client *client = supervisor->clients; client; client = client->next) {
        struct pending **link = &client->pending;

        while (*link) {
            struct pending *pending = *link;

            if (pending->kind != kind) {
                link = &pending->next;
                continue;
            }
            *link = pending->next;
            client_pay(client, pending, failure);
            free(pending->id);
            free(pending);
        }
    }
}

static void control_accept(struct loop_source *source, uint32_t events)
{
    struct supervisor *supervisor = loop_owner(source, struct supervisor, listener);
    int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC);

    (void)events;
    if (fd >= 0)
        client_watch(client_new(supervisor, fd));
}

/* The path may be longer than an address can hold: the folder is named by its fd. */
static int control_bind(int fd, const char *run_dir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int folder = open(run_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    mode_t mask;
    int result;

    if (folder < 0)
        return -1;
    unlinkat(folder, "control.sock", 0);
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/control.sock", folder);
    mask = umask(0177);
    result = bind(fd, (struct sockaddr *)&address, sizeof address);
    umask(mask);
    close(folder);
    return result;
}

int control_open(struct supervisor *supervisor, struct failure *failure)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    supervisor->listener = (struct loop_source){fd, 0, control_accept};
    if (fd < 0 || control_bind(fd, supervisor->spec.run_dir) || listen(fd, 128) ||
        loop_watch(&supervisor->loop, &supervisor->listener, EPOLLIN))
        return fail(failure, STAGE_SUPERVISOR, errno, "cannot listen on %s", supervisor->socket_path);
    return 0;
}

/* Is anybody left to whom data must still go? Who must not lose any is given all the time it needs. */
static bool control_wanted(struct supervisor *supervisor, bool in_time)
{
    control_sweep(supervisor);
    for (const struct client *client = supervisor->clients; client; client = client->next)
        if (in_time || client->lossless)
            return true;
    return false;
}

/* The socket's name is gone: whoever has connected by now gets an answer, nobody else can connect. */
void control_close(struct supervisor *supervisor)
{
    int64_t limit = loop_now() + CONTROL_END_LIMIT;
    struct failure ended;
    int fd;

    while (supervisor->listener.fd > 0 &&
           (fd = accept4(supervisor->listener.fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        client_read_request(client_new(supervisor, fd));
    if (supervisor->listener.fd > 0)
        loop_drop(&supervisor->loop, &supervisor->listener);
    fail(&ended, STAGE_SUPERVISOR, ECANCELED, "container %s was stopped before its restart",
         supervisor->spec.name);
    client_settle(supervisor, PENDING_RESTART, &ended);
    client_settle(supervisor, PENDING_NEXT_EXIT, NULL);
    client_settle(supervisor, PENDING_END, NULL);
    for (struct client *client = supervisor->clients; client; client = client->next) {
        if (client->dead)
            continue;
        client->closing = true;
        client_watch(client);
    }
    while (control_wanted(supervisor, loop_now() < limit))
        loop_step(&supervisor->loop, loop_now() < limit ? limit - loop_now() : -1);
    for (struct client *client = supervisor->clients; client; client = client->next)
        client_drop(client);
    control_sweep(supervisor);
}
