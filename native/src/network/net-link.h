#ifndef NET_LINK_H
#define NET_LINK_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Interfaces, addresses and routes by rtnetlink. Every function returns 0, or -1 with errno. `fd` is a socket
 * from netlink_open(NETLINK_ROUTE) in the namespace that is meant. */

struct net_address {
    int family; /* AF_INET, AF_INET6; 0: none */
    union {
        struct in_addr v4;
        struct in6_addr v6;
        uint8_t bytes[16];
    };
    unsigned prefix;
};

/* `10.0.0.1`, `10.0.0.1/24`, `fd00::1/64`. Without a prefix length: that of the whole address. */
bool net_address_parse(const char *text, struct net_address *address);
/* Without the prefix length. */
const char *net_address_text(const struct net_address *address, char text[INET6_ADDRSTRLEN]);
size_t net_address_size(const struct net_address *address);
bool net_mac_parse(const char *text, uint8_t mac[6]);

struct net_bridge {
    const char *name;
    uint8_t mac[6];
    uint32_t mtu;
};
/* EEXIST when the name is taken. */
int net_link_add_bridge(int fd, const struct net_bridge *bridge);

struct net_veth {
    const char *host; /* name of the end that joins the bridge */
    const char *peer; /* name of the container's end */
    unsigned bridge;  /* index of the bridge */
    int peer_ns;      /* fd of the container's network namespace */
    uint8_t mac[6];
    uint32_t mtu;
    bool isolated, hairpin;
};
int net_link_add_veth(int fd, const struct net_veth *veth);

/* A packet may leave the bridge by the port it came in. */
int net_link_set_hairpin(int fd, const char *name);

int net_link_remove(int fd, const char *name);
int net_link_up(int fd, unsigned index);
int net_link_add_address(int fd, unsigned index, const struct net_address *address);
int net_link_add_default(int fd, unsigned index, const struct net_address *gateway);

/* Index in the caller's namespace; 0 with errno. */
unsigned net_link_index(const char *name);

#endif
