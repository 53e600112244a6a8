#include "net-relay-internal.h"

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { FLOW_MAX = 256, FLOW_IDLE_MS = 90000, DATAGRAM_MAX = 65536 };

/* The answers to one client come back on a socket of its own. */
struct relay_flow {
    struct net_watch watch;
    struct net_relay *relay;
    struct relay_flow *next;
    struct sockaddr_storage client;
    socklen_t client_size;
    int64_t deadline;
};

static void relay_udp_tick(void *context);

static void relay_flow_close(struct net_relay *relay, struct relay_flow *flow)
{
    struct relay_flow **link = &relay->flows;

    while (*link != flow)
        link = &(*link)->next;
    *link = flow->next;
    if (--relay->flow_count == 0)
        net_loop_unsubscribe(relay->loop, relay_udp_tick, relay);
    net_loop_close(relay->loop, &flow->watch);
}

static void relay_udp_tick(void *context)
{
    struct net_relay *relay = context;
    int64_t now = net_loop_now();
    struct relay_flow *next;

    for (struct relay_flow *flow = relay->flows; flow; flow = next) {
        next = flow->next;
        if (now >= flow->deadline)
            relay_flow_close(relay, flow);
    }
}

static uint8_t *relay_datagram(void)
{
    static uint8_t *data;

    if (!data)
        data = memory_allocate(DATAGRAM_MAX, 1);
    return data;
}

static void relay_udp_answer(struct net_watch *watch, uint32_t events)
{
    struct relay_flow *flow = (struct relay_flow *)watch;
    uint8_t *data = relay_datagram();
    ssize_t got;

    (void)events;
    while ((got = recv(watch->fd, data, DATAGRAM_MAX, MSG_DONTWAIT)) >= 0) {
        sendto(flow->relay->publish->held, data, (size_t)got, MSG_DONTWAIT, (struct sockaddr *)&flow->client,
               flow->client_size);
        flow->deadline = net_loop_now() + FLOW_IDLE_MS;
    }
    if (errno != EAGAIN && errno != EINTR)
        relay_flow_close(flow->relay, flow);
}

static struct relay_flow *relay_flow_find(struct net_relay *relay, const struct sockaddr_storage *client,
                                          socklen_t size)
{
    for (struct relay_flow *flow = relay->flows; flow; flow = flow->next)
        if (flow->client_size == size && memcmp(&flow->client, client, size) == 0)
            return flow;
    return NULL;
}

static struct relay_flow *relay_flow_open(struct net_relay *relay, const struct sockaddr_storage *client,
                                          socklen_t size)
{
    struct sockaddr_storage address;
    socklen_t length = net_relay_address(relay, net_relay_family(client), &address);
    struct relay_flow *flow;
    int fd;

    if (!length || relay->flow_count >= FLOW_MAX)
        return NULL;
    fd = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return NULL;
    flow = memory_allocate(1, sizeof *flow);
    flow->relay = relay;
    memcpy(&flow->client, client, size);
    flow->client_size = size;
    if (connect(fd, (struct sockaddr *)&address, length) ||
        net_loop_add(relay->loop, &flow->watch, fd, EPOLLIN, relay_udp_answer)) {
        close(fd);
        free(flow);
        return NULL;
    }
    flow->next = relay->flows;
    relay->flows = flow;
    if (relay->flow_count++ == 0)
        net_loop_subscribe(relay->loop, relay_udp_tick, relay);
    return flow;
}

void relay_udp_receive(struct net_relay *relay)
{
    uint8_t *data = relay_datagram();

    for (int i = 0; i < 32; i++) {
        struct sockaddr_storage client;
        socklen_t size = sizeof client;
        struct relay_flow *flow;
        ssize_t got;

        memset(&client, 0, sizeof client);
        got = recvfrom(relay->publish->held, data, DATAGRAM_MAX, MSG_DONTWAIT, (struct sockaddr *)&client,
                       &size);
        if (got < 0)
            return;
        flow = relay_flow_find(relay, &client, size);
        if (!flow)
            flow = relay_flow_open(relay, &client, size);
        if (!flow)
            continue;
        flow->deadline = net_loop_now() + FLOW_IDLE_MS;
        send(flow->watch.fd, data, (size_t)got, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

void relay_udp_stop(struct net_relay *relay)
{
    while (relay->flows)
        relay_flow_close(relay, relay->flows);
}
