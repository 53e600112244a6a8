#ifndef NET_RELAY_INTERNAL_H
#define NET_RELAY_INTERNAL_H

#include "net-relay.h"

#include <sys/socket.h>

struct relay_side;
struct relay_flow;

struct relay_listener {
    struct net_watch watch;
    struct net_relay *relay;
};

struct net_relay {
    struct net_loop *loop;
    const struct net_publish *publish;
    const struct net_target *to;
    struct relay_listener *listener; /* on the socket that holds the port */
    struct relay_side *sides;        /* TCP: the clients' sides */
    struct relay_flow *flows;        /* UDP */
    size_t flow_count;
};

/* The family of a client's address: IPv4 too when a socket of both families writes it as IPv6. */
int net_relay_family(const struct sockaddr_storage *client);
/* The container's address for a client of `family`: the same family if it has one. The size, 0 when there is
 * none. */
socklen_t net_relay_address(const struct net_relay *relay, int family, struct sockaddr_storage *address);

void relay_tcp_accept(struct net_relay *relay);
void relay_tcp_stop(struct net_relay *relay);
void relay_udp_receive(struct net_relay *relay);
void relay_udp_stop(struct net_relay *relay);

#endif
