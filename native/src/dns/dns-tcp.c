#include "dns-internal.h"

#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TCP_MAX_CLIENTS = 64, TCP_IDLE_MS = 15000, TCP_MAX_BACKLOG = 1 << 20 };

/* A client's connection: messages with their length in two bytes before them, both ways. */
struct dns_tcp {
    struct net_watch watch;
    struct dns_server *server;
    struct dns_tcp *next;
    int64_t deadline;
    uint8_t *in, *out;
    size_t in_size, in_capacity, out_size;
};

static void dns_tcp_release(struct net_watch *watch)
{
    struct dns_tcp *tcp = (struct dns_tcp *)watch;

    free(tcp->in);
    free(tcp->out);
}

static void dns_tcp_close(struct dns_server *server, struct dns_tcp *tcp)
{
    struct dns_tcp **link = &server->clients;

    if (tcp->watch.closed)
        return;
    while (*link && *link != tcp)
        link = &(*link)->next;
    if (*link)
        *link = tcp->next;
    server->client_count--;
    dns_forward_forget(server, tcp);
    net_loop_close(server->context.loop, &tcp->watch);
    dns_server_schedule(server);
}

static void dns_tcp_flush(struct dns_server *server, struct dns_tcp *tcp)
{
    ssize_t sent =
        tcp->out_size ? send(tcp->watch.fd, tcp->out, tcp->out_size, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        dns_tcp_close(server, tcp);
        return;
    }
    if (sent > 0) {
        tcp->out_size -= (size_t)sent;
        memmove(tcp->out, tcp->out + sent, tcp->out_size);
    }
    net_loop_change(server->context.loop, &tcp->watch, EPOLLIN | (tcp->out_size ? EPOLLOUT : 0u));
}

void dns_tcp_reply(struct dns_server *server, struct dns_tcp *tcp, const uint8_t *packet, size_t size)
{
    if (tcp->watch.closed || size > DNS_MAX_MESSAGE)
        return;
    if (tcp->out_size + size + 2 > TCP_MAX_BACKLOG) {
        dns_tcp_close(server, tcp);
        return;
    }
    tcp->out = memory_resize(tcp->out, tcp->out_size + size + 2, 1);
    tcp->out[tcp->out_size] = (uint8_t)(size >> 8);
    tcp->out[tcp->out_size + 1] = (uint8_t)size;
    memcpy(tcp->out + tcp->out_size + 2, packet, size);
    tcp->out_size += size + 2;
    tcp->deadline = net_loop_now() + TCP_IDLE_MS;
    dns_tcp_flush(server, tcp);
}

static void dns_tcp_take_messages(struct dns_server *server, struct dns_tcp *tcp)
{
    size_t at = 0;

    while (!tcp->watch.closed && tcp->in_size - at >= 2) {
        size_t size = (size_t)tcp->in[at] << 8 | tcp->in[at + 1];
        struct dns_client client = {.tcp = tcp};

        if (tcp->in_size - at - 2 < size)
            break;
        dns_server_question(server, &client, tcp->in + at + 2, size);
        at += size + 2;
    }
    if (tcp->watch.closed)
        return;
    tcp->in_size -= at;
    memmove(tcp->in, tcp->in + at, tcp->in_size);
}

static void dns_tcp_ready(struct net_watch *watch, uint32_t events)
{
    struct dns_tcp *tcp = (struct dns_tcp *)watch;
    struct dns_server *server = tcp->server;
    ssize_t got;

    if (events & EPOLLOUT) {
        dns_tcp_flush(server, tcp);
        if (watch->closed)
            return;
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return;
    if (tcp->in_size + 4096 > tcp->in_capacity) {
        tcp->in_capacity = tcp->in_size + 8192;
        tcp->in = memory_resize(tcp->in, tcp->in_capacity, 1);
    }
    got = recv(watch->fd, tcp->in + tcp->in_size, tcp->in_capacity - tcp->in_size, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        dns_tcp_close(server, tcp);
        return;
    }
    if (got > 0) {
        tcp->in_size += (size_t)got;
        tcp->deadline = net_loop_now() + TCP_IDLE_MS;
        dns_tcp_take_messages(server, tcp);
    }
}

void dns_tcp_accept(struct dns_server *server)
{
    int fd = accept4(server->tcp->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct dns_tcp *tcp;

    if (fd < 0)
        return;
    if (server->client_count >= TCP_MAX_CLIENTS) {
        close(fd);
        return;
    }
    tcp = memory_allocate(1, sizeof *tcp);
    tcp->server = server;
    tcp->watch.release = dns_tcp_release;
    tcp->deadline = net_loop_now() + TCP_IDLE_MS;
    if (net_loop_add(server->context.loop, &tcp->watch, fd, EPOLLIN, dns_tcp_ready)) {
        close(fd);
        free(tcp);
        return;
    }
    tcp->next = server->clients;
    server->clients = tcp;
    server->client_count++;
    dns_server_schedule(server);
}

void dns_tcp_tick(struct dns_server *server, int64_t now)
{
    struct dns_tcp *next;

    for (struct dns_tcp *tcp = server->clients; tcp; tcp = next) {
        next = tcp->next;
        if (now >= tcp->deadline)
            dns_tcp_close(server, tcp);
    }
}

void dns_tcp_stop(struct dns_server *server)
{
    while (server->clients)
        dns_tcp_close(server, server->clients);
}
