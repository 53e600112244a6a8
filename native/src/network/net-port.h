#ifndef NET_PORT_H
#define NET_PORT_H

#include "error.h"
#include "net-nft.h"
#include "net-record.h"
#include "net-spec.h"

/* Published ports: held by bound sockets, so that no other program gets them and theirs are noticed; led to
 * the container by elements of the table's maps; recorded. */

/* Binds the first free port of the range. TCP sockets listen: see net-relay.h. */
int net_port_hold(struct net_publish *publish, struct failure *failure);
/* The same port once more after net_port_drop. */
int net_port_hold_again(struct net_publish *publish, struct failure *failure);
void net_port_drop(struct net_publish *publish);

struct net_target {
    struct net_address v4, v6; /* family 0: none */
};

/* The elements (two at most) that lead the port to the target. */
size_t net_port_elements(const struct net_publish *publish, const struct net_target *target,
                         struct nft_element elements[2]);

/* `port/CONTAINER/INDEX` */
int net_port_record(int root, const char *container, size_t index, const struct net_holder *holder,
                    const struct net_publish *publish, const struct net_target *target);
void net_port_forget(int root, const char *container, size_t index);
/* The elements of a record's text, as net_port_record wrote it. */
size_t net_port_parse(const char *text, struct nft_element elements[2]);

#endif
