#include "dns-internal.h"

#include "dns-names.h"
#include "memory.h"
#include "net-nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct dns_listener {
    struct net_watch watch;
    struct dns_server *server;
};

void dns_server_reply(struct dns_server *server, const struct dns_client *client, const uint8_t *packet,
                      size_t size)
{
    if (client->tcp)
        dns_tcp_reply(server, client->tcp, packet, size);
    else
        sendto(server->udp->fd, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL,
               (const struct sockaddr *)&client->from, sizeof client->from);
}

void dns_server_reply_code(struct dns_server *server, const struct dns_client *client, const uint8_t *packet,
                           const struct dns_question *question, enum dns_code code)
{
    uint8_t data[DNS_MIN_UDP];
    struct dns_answer answer = {.data = data, .capacity = sizeof data};

    dns_answer_begin(&answer, packet, question, code, false);
    dns_answer_end(&answer, question);
    dns_server_reply(server, client, answer.data, answer.size);
}

static void dns_server_reply_addresses(struct dns_server *server, const struct dns_client *client,
                                       const uint8_t *packet, const struct dns_question *question,
                                       const struct dns_names *names)
{
    uint8_t data[16384];
    struct dns_answer answer = {.data = data, .capacity = sizeof data};
    size_t first = names->count ? server->turn++ % names->count : 0;

    if (!client->tcp && question->udp_size < answer.capacity)
        answer.capacity = question->udp_size;
    dns_answer_begin(&answer, packet, question, DNS_NOERROR, true);
    for (size_t i = 0; i < names->count; i++)
        dns_answer_address(&answer, &names->addresses[(first + i) % names->count]);
    dns_answer_end(&answer, question);
    dns_server_reply(server, client, answer.data, answer.size);
}

static bool dns_server_answer_reverse(struct dns_server *server, const struct dns_client *client,
                                      const uint8_t *packet, const struct dns_question *question)
{
    uint8_t data[1024];
    struct dns_answer answer = {.data = data, .capacity = sizeof data};
    struct net_address address;
    char name[NET_NAME_MAX];

    if (!dns_reverse_address(question->name, &address) ||
        !dns_names_reverse(server->context.root, server->context.spec, &address, name))
        return false;
    dns_answer_begin(&answer, packet, question, DNS_NOERROR, true);
    dns_answer_name(&answer, name);
    dns_answer_end(&answer, question);
    dns_server_reply(server, client, answer.data, answer.size);
    return true;
}

/* False: the name is not one of ours. */
static bool dns_server_answer(struct dns_server *server, const struct dns_client *client,
                              const uint8_t *packet, const struct dns_question *question)
{
    static struct dns_names names;
    int family = question->type == DNS_A ? AF_INET : question->type == DNS_AAAA ? AF_INET6 : 0;

    if (question->class != 1 || !question->plain || question->name_size == 0)
        return false;
    if (question->type == DNS_PTR)
        return dns_server_answer_reverse(server, client, packet, question);
    dns_names_find(server->context.root, server->context.spec, question->name, family, &names);
    if (!names.known)
        return false;
    /* A known name without a record of the wanted type: no error, no answer. */
    if (family == 0 && question->type != DNS_ANY)
        names.count = 0;
    dns_server_reply_addresses(server, client, packet, question, &names);
    return true;
}

void dns_server_question(struct dns_server *server, const struct dns_client *client, const uint8_t *packet,
                         size_t size)
{
    struct dns_question question;
    int code = dns_parse(packet, size, &question);

    if (code < 0)
        return;
    if (code != DNS_NOERROR)
        dns_server_reply_code(server, client, packet, &question, (enum dns_code)code);
    else if (!dns_server_answer(server, client, packet, &question))
        dns_forward_question(server, client, packet, size);
}

static void dns_server_udp_ready(struct net_watch *watch, uint32_t events)
{
    struct dns_server *server = ((struct dns_listener *)watch)->server;
    uint8_t packet[4096];

    (void)events;
    for (int i = 0; i < 32; i++) {
        struct dns_client client = {0};
        socklen_t length = sizeof client.from;
        ssize_t size = recvfrom(watch->fd, packet, sizeof packet, MSG_DONTWAIT,
                                (struct sockaddr *)&client.from, &length);

        if (size < 0)
            return;
        dns_server_question(server, &client, packet, (size_t)size);
    }
}

static void dns_server_tcp_ready(struct net_watch *watch, uint32_t events)
{
    (void)events;
    dns_tcp_accept(((struct dns_listener *)watch)->server);
}

static void dns_server_tick(void *context)
{
    struct dns_server *server = context;
    int64_t now = net_loop_now();

    dns_forward_tick(server, now);
    dns_tcp_tick(server, now);
    dns_server_schedule(server);
}

void dns_server_schedule(struct dns_server *server)
{
    if (server->forward_count || server->client_count)
        net_loop_subscribe(server->context.loop, dns_server_tick, server);
    else
        net_loop_unsubscribe(server->context.loop, dns_server_tick, server);
}

/* A socket at a port of the kernel's choice, which goes into *port. */
static struct net_watch *dns_server_listen(struct dns_server *server, int type, net_ready *ready,
                                           uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = server->context.spec->listen.v4};
    socklen_t length = sizeof address;
    struct dns_listener *listener;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return NULL;
    listener = memory_allocate(1, sizeof *listener);
    listener->server = server;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || (type == SOCK_STREAM && listen(fd, 64)) ||
        getsockname(fd, (struct sockaddr *)&address, &length) ||
        net_loop_add(server->context.loop, &listener->watch, fd, EPOLLIN, ready)) {
        int error = errno;

        close(fd);
        free(listener);
        errno = error;
        return NULL;
    }
    *port = ntohs(address.sin_port);
    return &listener->watch;
}

struct dns_server *dns_server_start(const struct dns_context *context)
{
    struct dns_server *server = memory_allocate(1, sizeof *server);
    uint16_t udp, tcp;
    int error;

    server->context = *context;
    server->udp = dns_server_listen(server, SOCK_DGRAM, dns_server_udp_ready, &udp);
    if (server->udp)
        server->tcp = dns_server_listen(server, SOCK_STREAM, dns_server_tcp_ready, &tcp);
    if (server->udp && server->tcp && nft_redirect_dns(context->spec->listen.v4.s_addr, udp, tcp) == 0)
        return server;
    error = errno;
    dns_server_stop(server);
    errno = error;
    return NULL;
}

void dns_server_stop(struct dns_server *server)
{
    if (!server)
        return;
    dns_forward_stop(server);
    dns_tcp_stop(server);
    dns_server_schedule(server);
    if (server->udp)
        net_loop_close(server->context.loop, server->udp);
    if (server->tcp)
        net_loop_close(server->context.loop, server->tcp);
    free(server);
}
