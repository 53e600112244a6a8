#ifndef NET_INTERNAL_H
#define NET_INTERNAL_H

#include "dns-server.h"
#include "net-loop.h"
#include "net-port.h"
#include "net-record.h"
#include "net-relay.h"
#include "net.h"

/* Shared by net.c (the life of it all), net-endpoint.c (one interface) and net-control.c (changes while it
 * runs). */

struct net {
    struct net_spec spec;
    bool private_ns; /* the container has a network namespace of its own */
    char container[NET_ID_SIZE + 1];
    struct net_holder holder; /* this process */
    int root;                 /* folder of the records, -1 without endpoints */
    int host_ns, container_ns;
    int host_link, container_link; /* rtnetlink sockets */
    struct net_loop *loop;
    struct dns_server *dns;
    struct net_target target;
    struct nft_elements elements; /* what leads the published ports to the target */
    size_t last_record;           /* number of the newest port record */
    bool reserved;
};

/* Records that the address is this process's. */
int net_endpoint_claim(struct net *net, const struct net_endpoint *endpoint, struct failure *failure);
void net_endpoint_unclaim(struct net *net, const struct net_endpoint *endpoint);
/* The interface with its addresses, routes and sysctls; the namespaces' fds and sockets are open. */
int net_endpoint_make(struct net *net, struct net_endpoint *endpoint, struct failure *failure);
/* Names in DNS; from here on others find the container. */
int net_endpoint_announce(struct net *net, const struct net_endpoint *endpoint, struct failure *failure);
/* Takes its names back. */
void net_endpoint_withdraw(struct net *net, const struct net_endpoint *endpoint);
/* Removes its interface, if that is still there, and its records. */
void net_endpoint_unmake(struct net *net, struct net_endpoint *endpoint);

/* Elements, records and relays of all published ports, as the endpoints are now; what is right stays. */
int net_publish_all(struct net *net, struct failure *failure);
void net_unpublish_all(struct net *net);
/* The ports of `more`, which is emptied, in place of those that are published. A failure changes nothing. */
int net_republish(struct net *net, struct net_spec *more, struct failure *failure);

/* The names of `more` (alias and link) in place of the endpoint's. */
int net_endpoint_rename(struct net *net, struct net_endpoint *endpoint, struct net_endpoint *more,
                        struct failure *failure);

#endif
