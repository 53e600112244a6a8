#include "net-relay-internal.h"

#include "memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

int net_relay_family(const struct sockaddr_storage *client)
{
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)client;

    return client->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) ? AF_INET
                                                                                 : client->ss_family;
}

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
        relay_tcp_accept(listener->relay);
    else
        relay_udp_receive(listener->relay);
}

struct net_relay *net_relay_start(struct net_loop *loop, const struct net_publish *publish,
                                  const struct net_target *to)
{
    struct net_relay *relay = memory_allocate(1, sizeof *relay);
    int error;

    relay->loop = loop;
    relay->publish = publish;
    relay->to = to;
    if (publish->held < 0 || (publish->protocol != IPPROTO_TCP && publish->protocol != IPPROTO_UDP))
        return relay;
    relay->listener = memory_allocate(1, sizeof *relay->listener);
    relay->listener->relay = relay;
    if (net_loop_add(loop, &relay->listener->watch, publish->held, EPOLLIN, net_relay_ready) == 0)
        return relay;
    error = errno;
    free(relay->listener);
    free(relay);
    errno = error;
    return NULL;
}

void net_relay_stop(struct net_relay *relay)
{
    if (!relay)
        return;
    if (relay->listener)
        net_loop_leave(relay->loop, &relay->listener->watch);
    relay_tcp_stop(relay);
    relay_udp_stop(relay);
    free(relay);
}
