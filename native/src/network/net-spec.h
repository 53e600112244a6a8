#ifndef NET_SPEC_H
#define NET_SPEC_H

#include "error.h"
#include "net-link.h"
#include "proto.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The `net.*` and `dns.*` keys of `start` and of net_connect. All strings are copies. */

#define NET_NAME_MAX 512

struct net_list {
    char **items;
    size_t count;
};

struct net_endpoint {
    char *network, *network_name, *bridge, *veth, *ifname;
    uint8_t mac[6];
    uint32_t mtu;
    struct net_address v4, v6, gateway4, gateway6;
    struct net_list link_local, alias, link, sysctl;
    bool default4, default6;
    bool isolated, hairpin, internal;
    bool made; /* the interface is there */
};

struct net_relay;

struct net_publish {
    uint8_t protocol;        /* IPPROTO_TCP, … */
    struct net_address host; /* family 0: every address */
    uint16_t first, last, target;
    uint16_t port;           /* the one that is held */
    int held;                /* the socket that holds it, or -1 */
    size_t record;           /* number of its record, from 1; 0: none */
    struct net_relay *relay; /* while the container runs */
};

struct net_server {
    bool in_container;
    struct net_address address;
};

struct net_spec {
    char *root, *table;
    struct net_endpoint **endpoints;
    size_t endpoint_count;
    struct net_publish **publishes;
    size_t publish_count;
    struct net_server *servers;
    size_t server_count;
    struct net_address listen; /* family 0: no resolver */
};

int net_spec_parse(const struct proto_pair *pairs, size_t count, struct net_spec *spec,
                   struct failure *failure);
void net_spec_free(struct net_spec *spec);
/* As net_spec_parse for a change of what runs: endpoints need no more than their network. */
int net_spec_parse_change(const struct proto_pair *pairs, size_t count, struct net_spec *spec,
                          struct failure *failure);
void net_endpoint_free(struct net_endpoint *endpoint);

const char *net_protocol_name(uint8_t protocol);
/* 0 when there is no such protocol. */
uint8_t net_protocol_number(const char *name);

#endif
