#ifndef DNS_NAMES_H
#define DNS_NAMES_H

#include "net-spec.h"

/* What the records below RUN_ROOT/network say about a name, as seen from one container's networks. */

enum { DNS_MAX_ADDRESSES = 512 };

struct dns_names {
    bool known; /* somebody has the name, if with addresses of the other family only */
    struct net_address addresses[DNS_MAX_ADDRESSES];
    size_t count;
};

/* `family` 0 is both. `name` in lower case. The first network that knows the name answers. */
void dns_names_find(int root, const struct net_spec *spec, const char *name, int family,
                    struct dns_names *names);
/* The name of the live holder of an address, `NAME.NETWORK`. */
bool dns_names_reverse(int root, const struct net_spec *spec, const struct net_address *address,
                       char name[NET_NAME_MAX]);

#endif
