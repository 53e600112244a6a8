#include "net-relay-internal.h"

#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { RELAY_BUFFER = 16384 };

/* One socket of a relayed connection. `buffer` is what was read here and is not yet written at the other
 * side. */
struct relay_side {
    struct net_watch watch;
    struct net_relay *relay;
    struct relay_side *other;
    struct relay_side *next, **link; /* in relay->sides, the client's side only */
    uint8_t *buffer;
    size_t size, at;
    bool ended; /* nothing more comes from here */
    bool shut;  /* and the other side was told */
    bool connected;
};

static void relay_side_release(struct net_watch *watch)
{
    free(((struct relay_side *)watch)->buffer);
}

static void relay_close(struct relay_side *side)
{
    struct relay_side *client = side->link ? side : side->other;

    if (client->next)
        client->next->link = client->link;
    *client->link = client->next;
    net_loop_close(side->relay->loop, &side->other->watch);
    net_loop_close(side->relay->loop, &side->watch);
}

static void relay_watch(struct relay_side *side)
{
    uint32_t events = 0;

    if (!side->connected || side->other->size > side->other->at)
        events |= EPOLLOUT;
    if (side->connected && side->other->connected && !side->ended && side->size == side->at)
        events |= EPOLLIN;
    net_loop_change(side->relay->loop, &side->watch, events);
}

static bool relay_again(void)
{
    return errno == EAGAIN || errno == EINTR;
}

/* Moves what can be moved from `side` to its other; false when the connection is broken. */
static bool relay_pump(struct relay_side *side)
{
    ssize_t moved;

    if (!side->ended && side->size == side->at) {
        moved = recv(side->watch.fd, side->buffer, RELAY_BUFFER, MSG_DONTWAIT);
        if (moved < 0 && !relay_again())
            return false;
        side->ended = moved == 0;
        side->at = 0;
        side->size = moved > 0 ? (size_t)moved : 0;
    }
    if (side->size > side->at && side->other->connected) {
        moved = send(side->other->watch.fd, side->buffer + side->at, side->size - side->at,
                     MSG_DONTWAIT | MSG_NOSIGNAL);
        if (moved < 0 && !relay_again())
            return false;
        side->at += moved > 0 ? (size_t)moved : 0;
    }
    if (side->ended && side->size == side->at && !side->shut) {
        shutdown(side->other->watch.fd, SHUT_WR);
        side->shut = true;
    }
    return true;
}

static bool relay_connected(struct relay_side *side)
{
    int error = 0;
    socklen_t length = sizeof error;

    if (getsockopt(side->watch.fd, SOL_SOCKET, SO_ERROR, &error, &length) || error)
        return false;
    side->connected = true;
    return true;
}

static void relay_ready(struct net_watch *watch, uint32_t events)
{
    struct relay_side *side = (struct relay_side *)watch;
    struct relay_side *other = side->other;

    if (!side->connected && !relay_connected(side)) {
        relay_close(side);
        return;
    }
    if ((events & EPOLLERR) || ((events & EPOLLHUP) && side->ended) || !relay_pump(side) ||
        (other->connected && !relay_pump(other)) || (side->shut && other->shut)) {
        relay_close(side);
        return;
    }
    relay_watch(side);
    relay_watch(other);
}

static struct relay_side *relay_side_new(struct net_relay *relay, int fd, uint32_t events)
{
    struct relay_side *side = memory_allocate(1, sizeof *side);

    side->relay = relay;
    side->watch.release = relay_side_release;
    side->buffer = memory_allocate(RELAY_BUFFER, 1);
    if (net_loop_add(relay->loop, &side->watch, fd, events, relay_ready) == 0)
        return side;
    close(fd);
    free(side->buffer);
    free(side);
    return NULL;
}

static void relay_tcp_open(struct net_relay *relay, int client, int family)
{
    struct sockaddr_storage address;
    socklen_t length = net_relay_address(relay, family, &address);
    struct relay_side *near, *far;
    int fd = length ? socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;

    if (fd < 0 || (connect(fd, (struct sockaddr *)&address, length) && errno != EINPROGRESS)) {
        if (fd >= 0)
            close(fd);
        close(client);
        return;
    }
    near = relay_side_new(relay, client, 0);
    far = relay_side_new(relay, fd, EPOLLOUT);
    if (!near || !far) {
        if (near)
            net_loop_close(relay->loop, &near->watch);
        if (far)
            net_loop_close(relay->loop, &far->watch);
        return;
    }
    near->connected = true;
    near->other = far;
    far->other = near;
    near->next = relay->sides;
    near->link = &relay->sides;
    if (near->next)
        near->next->link = &near->next;
    relay->sides = near;
}

void relay_tcp_accept(struct net_relay *relay)
{
    for (int i = 0; i < 16; i++) {
        struct sockaddr_storage from;
        socklen_t length = sizeof from;
        int fd =
            accept4(relay->publish->held, (struct sockaddr *)&from, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd < 0)
            return;
        relay_tcp_open(relay, fd, net_relay_family(&from));
    }
}

void relay_tcp_stop(struct net_relay *relay)
{
    while (relay->sides)
        relay_close(relay->sides);
}
