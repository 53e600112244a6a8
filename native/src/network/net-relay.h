#ifndef NET_RELAY_H
#define NET_RELAY_H

#include "net-loop.h"
#include "net-port.h"

/* What reaches a held socket itself was not translated by the kernel: `[::1]`, IPv6 to a container without
 * IPv6, a table that somebody flushed. It is relayed to the container, TCP and UDP. */

struct net_relay;

/* `to` is read at each new connection; it and the sockets must live as long as the relay. NULL with errno. */
struct net_relay *net_relay_start(struct net_loop *loop, const struct net_publish *publish,
                                  const struct net_target *to);
/* The sockets stay bound, everything relayed ends. */
void net_relay_stop(struct net_relay *relay);

#endif
