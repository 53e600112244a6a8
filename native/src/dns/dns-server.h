#ifndef DNS_SERVER_H
#define DNS_SERVER_H

#include "net-loop.h"
#include "net-spec.h"

/* The resolver of one container: answers on `spec->listen` inside its network namespace. */

struct dns_server;

struct dns_context {
    struct net_loop *loop;
    const struct net_spec *spec; /* may change between two questions */
    int root;                    /* folder of the records */
    int host_ns, container_ns;
};

/* Called inside the container's namespace, which has loopback up. NULL with errno. */
struct dns_server *dns_server_start(const struct dns_context *context);
void dns_server_stop(struct dns_server *server);

#endif
