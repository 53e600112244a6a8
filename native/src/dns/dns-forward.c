#include "dns-internal.h"

#include "memory.h"
#include "net-namespace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FORWARD_MAX = 1000, FORWARD_TRIES = 3, FORWARD_TRY_MS = 1300 };

/* One question on its way to a server of somebody else's. */
struct dns_forward {
    struct net_watch watch;
    struct dns_server *server;
    struct dns_forward *next;
    struct dns_client client;
    uint8_t id[2];  /* the client's; ours is random */
    uint8_t *query; /* over TCP with the two bytes of its length before it */
    size_t query_size, sent;
    uint8_t *answer;
    size_t answer_size;
    unsigned tries;
    bool answered;
    int64_t deadline;
};

static void dns_forward_try(struct dns_forward *forward);

static void dns_forward_release(struct net_watch *watch)
{
    struct dns_forward *forward = (struct dns_forward *)watch;

    free(forward->query);
    free(forward->answer);
}

static void dns_forward_unlink(struct dns_forward *forward)
{
    struct dns_forward **link = &forward->server->forwards;

    while (*link && *link != forward)
        link = &(*link)->next;
    if (*link)
        *link = forward->next;
    forward->server->forward_count--;
}

static void dns_forward_end(struct dns_forward *forward)
{
    struct dns_server *server = forward->server;

    dns_forward_unlink(forward);
    if (forward->watch.fd >= 0) {
        net_loop_close(server->context.loop, &forward->watch);
    } else {
        dns_forward_release(&forward->watch);
        free(forward);
    }
    dns_server_schedule(server);
}

static uint8_t *dns_forward_packet(const struct dns_forward *forward)
{
    return forward->query + (forward->client.tcp ? 2 : 0);
}

static void dns_forward_fail(struct dns_forward *forward)
{
    uint8_t *packet = dns_forward_packet(forward);
    struct dns_question question;

    memcpy(packet, forward->id, 2);
    forward->answered = true;
    if (dns_parse(packet, forward->query_size - (forward->client.tcp ? 2u : 0u), &question) >= 0)
        dns_server_reply_code(forward->server, &forward->client, packet, &question, DNS_SERVFAIL);
    dns_forward_end(forward);
}

/* The object stays while its socket goes: a new one takes the next server. */
static void dns_forward_next(struct dns_forward *forward)
{
    struct dns_forward *again;

    if (forward->watch.fd < 0) {
        dns_forward_try(forward);
        return;
    }
    again = memory_allocate(1, sizeof *again);
    *again = *forward;
    again->watch = (struct net_watch){.fd = -1, .release = dns_forward_release};
    dns_forward_unlink(forward);
    forward->query = forward->answer = NULL;
    net_loop_close(forward->server->context.loop, &forward->watch);
    again->next = again->server->forwards;
    again->server->forwards = again;
    again->server->forward_count++;
    dns_forward_try(again);
}

static void dns_forward_deliver(struct dns_forward *forward, uint8_t *packet, size_t size)
{
    size_t prefix = forward->client.tcp ? 2 : 0;
    unsigned code;

    if (!dns_matches(packet, size, forward->query + prefix, forward->query_size - prefix))
        return;
    code = dns_code(packet);
    if ((code == DNS_SERVFAIL || code == DNS_REFUSED || code == DNS_NOTIMP) &&
        forward->tries < FORWARD_TRIES && forward->tries < forward->server->context.spec->server_count) {
        dns_forward_next(forward);
        return;
    }
    memcpy(packet, forward->id, 2);
    forward->answered = true;
    dns_server_reply(forward->server, &forward->client, packet, size);
    dns_forward_end(forward);
}

static void dns_forward_udp_ready(struct net_watch *watch, uint32_t events)
{
    struct dns_forward *forward = (struct dns_forward *)watch;
    static uint8_t packet[DNS_MAX_MESSAGE];
    ssize_t got = recv(watch->fd, packet, sizeof packet, MSG_DONTWAIT);

    (void)events;
    if (got >= 0)
        dns_forward_deliver(forward, packet, (size_t)got);
    else if (errno != EAGAIN && errno != EINTR)
        dns_forward_next(forward);
}

static void dns_forward_tcp_send(struct dns_forward *forward)
{
    ssize_t sent = send(forward->watch.fd, forward->query + forward->sent,
                        forward->query_size - forward->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR)
            dns_forward_next(forward);
        return;
    }
    forward->sent += (size_t)sent;
    if (forward->sent == forward->query_size)
        net_loop_change(forward->server->context.loop, &forward->watch, EPOLLIN);
}

static void dns_forward_tcp_ready(struct net_watch *watch, uint32_t events)
{
    struct dns_forward *forward = (struct dns_forward *)watch;
    ssize_t got;

    if (forward->sent < forward->query_size) {
        if (events & (EPOLLERR | EPOLLHUP))
            dns_forward_next(forward);
        else
            dns_forward_tcp_send(forward);
        return;
    }
    if (!forward->answer)
        forward->answer = memory_allocate(DNS_MAX_MESSAGE + 2, 1);
    got = recv(watch->fd, forward->answer + forward->answer_size, DNS_MAX_MESSAGE + 2 - forward->answer_size,
               MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        dns_forward_next(forward);
        return;
    }
    forward->answer_size += (size_t)got;
    if (forward->answer_size < 2)
        return;
    if (forward->answer_size - 2 >= ((size_t)forward->answer[0] << 8 | forward->answer[1]))
        dns_forward_deliver(forward, forward->answer + 2,
                            (size_t)forward->answer[0] << 8 | forward->answer[1]);
}

static int dns_forward_connect(const struct dns_forward *forward, const struct net_server *to, int type)
{
    const struct dns_context *context = &forward->server->context;
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(53), .sin6_addr = to->address.v6};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(53), .sin_addr = to->address.v4};
    const struct sockaddr *address =
        to->address.family == AF_INET6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
    int fd;

    if (to->in_container && net_namespace_enter(context->container_ns))
        return -1;
    fd = socket(to->address.family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (to->in_container)
        net_namespace_return(context->host_ns);
    if (fd >= 0 && connect(fd, address, to->address.family == AF_INET6 ? sizeof v6 : sizeof v4) &&
        errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Sends to the next server that can be reached at all; ends the question when none is left. */
static void dns_forward_try(struct dns_forward *forward)
{
    const struct net_spec *spec = forward->server->context.spec;
    bool tcp = forward->client.tcp != NULL;

    while (spec->server_count && forward->tries < FORWARD_TRIES) {
        const struct net_server *to = &spec->servers[forward->tries++ % spec->server_count];
        int fd = dns_forward_connect(forward, to, tcp ? SOCK_STREAM : SOCK_DGRAM);

        if (fd < 0)
            continue;
        forward->sent = forward->answer_size = 0;
        forward->deadline = net_loop_now() + FORWARD_TRY_MS;
        if (net_loop_add(forward->server->context.loop, &forward->watch, fd, tcp ? EPOLLOUT : EPOLLIN,
                         tcp ? dns_forward_tcp_ready : dns_forward_udp_ready)) {
            close(fd);
            continue;
        }
        if (tcp || send(fd, forward->query, forward->query_size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
            return;
        dns_forward_next(forward);
        return;
    }
    dns_forward_fail(forward);
}

/* A container on internal networks alone asks nobody outside. */
static bool dns_leads_outside(const struct net_spec *spec)
{
    for (size_t i = 0; i < spec->endpoint_count; i++)
        if (!spec->endpoints[i]->internal)
            return spec->server_count > 0;
    return false;
}

void dns_forward_question(struct dns_server *server, const struct dns_client *client, const uint8_t *packet,
                          size_t size)
{
    size_t prefix = client->tcp ? 2 : 0;
    struct dns_forward *forward;
    struct dns_question question;
    bool outside = dns_leads_outside(server->context.spec);

    if (!outside || server->forward_count >= FORWARD_MAX) {
        /* Nothing leads outside: nobody else has the name. */
        if (dns_parse(packet, size, &question) == DNS_NOERROR)
            dns_server_reply_code(server, client, packet, &question, outside ? DNS_SERVFAIL : DNS_NXDOMAIN);
        return;
    }
    forward = memory_allocate(1, sizeof *forward);
    forward->watch = (struct net_watch){.fd = -1, .release = dns_forward_release};
    forward->server = server;
    forward->client = *client;
    forward->query_size = size + prefix;
    forward->query = memory_allocate(forward->query_size, 1);
    if (prefix) {
        forward->query[0] = (uint8_t)(size >> 8);
        forward->query[1] = (uint8_t)size;
    }
    memcpy(forward->query + prefix, packet, size);
    memcpy(forward->id, packet, 2);
    if (getrandom(forward->query + prefix, 2, GRND_NONBLOCK) != 2)
        memcpy(forward->query + prefix, packet, 2);
    forward->next = server->forwards;
    server->forwards = forward;
    server->forward_count++;
    dns_server_schedule(server);
    dns_forward_try(forward);
}

void dns_forward_forget(struct dns_server *server, const struct dns_tcp *tcp)
{
    struct dns_forward *next;

    for (struct dns_forward *forward = server->forwards; forward; forward = next) {
        next = forward->next;
        /* One that is being answered ends itself: the answer may be what found the client gone. */
        if (forward->client.tcp == tcp && !forward->answered)
            dns_forward_end(forward);
    }
}

void dns_forward_tick(struct dns_server *server, int64_t now)
{
    struct dns_forward *late;

    /* Each step may end several questions (a client that turns out to be gone), so look again from the start.
     */
    do {
        late = server->forwards;
        while (late && now < late->deadline)
            late = late->next;
        if (late)
            dns_forward_next(late);
    } while (late);
}

void dns_forward_stop(struct dns_server *server)
{
    while (server->forwards)
        dns_forward_end(server->forwards);
}
