#include "net-relay-internal.h"

#include "memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

socklen_t net_relay_address(const struct net_relay *relay, int family, struct sockaddr_storage *address)
{
    const struct net_target *to = relay->to;
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
    bool use_v6 = to->v6.family && (family == AF_INET6 || !to->v4.family);

    memset(address, 0, sizeof *address);
    if (use_v6) {
        v6->sin6_family = AF_INET6;
        v6->sin6_addr = to->v6.v6;
        v6->sin6_port = htons(relay->publish->target);
        return sizeof *v6;
    }
    if (!to->v4.family)
        return 0;
    v4->sin_family = AF_INET;
    v4->sin_addr = to->v4.v4;
    v4->sin_port = htons(relay->publish->target);
    return sizeof *v4;
}

static void net_relay_ready(struct net_watch *watch, uint32_t events)
{
    struct relay_listener *listener = (struct relay_listener *)watch;

    (void)events;
    if (listener->relay->publish->protocol == IPPROTO_TCP)
        relay_tcp_accept(listener->relay, watch->fd);
    else
        relay_udp_receive(listener->relay, watch->fd);
}

static int net_relay_listen(struct net_relay *relay, int held, size_t index)
{
    struct relay_listener *listener;
    int fd;

    if (held < 0)
        return 0;
    fd = fcntl(held, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return -1;
    listener = memory_allocate(1, sizeof *listener);
    listener->relay = relay;
    if (net_loop_add(relay->loop, &listener->watch, fd, EPOLLIN, net_relay_ready)) {
        close(fd);
        free(listener);
        return -1;
    }
    relay->listeners[index] = listener;
    return 0;
}

struct net_relay *net_relay_start(struct net_loop *loop, const struct net_publish *publish,
                                  const struct net_target *to)
{
    struct net_relay *relay = memory_allocate(1, sizeof *relay);
    int error;

    relay->loop = loop;
    relay->publish = publish;
    relay->to = to;
    if (publish->protocol != IPPROTO_TCP && publish->protocol != IPPROTO_UDP)
        return relay;
    if (net_relay_listen(relay, publish->held4, 0) == 0 && net_relay_listen(relay, publish->held6, 1) == 0)
        return relay;
    error = errno;
    net_relay_stop(relay);
    errno = error;
    return NULL;
}

void net_relay_stop(struct net_relay *relay)
{
    if (!relay)
        return;
    for (size_t i = 0; i < 2; i++)
        if (relay->listeners[i])
            net_loop_close(relay->loop, &relay->listeners[i]->watch);
    relay_tcp_stop(relay);
    relay_udp_stop(relay);
    free(relay);
}
