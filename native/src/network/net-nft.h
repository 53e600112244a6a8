#ifndef NET_NFT_H
#define NET_NFT_H

#include "json.h"

#include <stddef.h>
#include <stdint.h>

/* The few messages of nf_tables that cannot wait for a command: elements of our table's maps, and the
 * translation of port 53 inside a container. Functions return 0, or -1 with errno. */

#define NET_NFT_DATA_MAX 64

struct nft_element {
    const char *set;
    uint8_t key[NET_NFT_DATA_MAX];
    size_t key_size;
    uint8_t data[NET_NFT_DATA_MAX]; /* of a map */
    size_t data_size;
};

/* In one transaction; an element that is there with other data is replaced. */
int nft_add_elements(const char *table, const struct nft_element *elements, size_t count);
/* Those that are not there, and a table that is not there, are no error. */
int nft_remove_elements(const char *table, const struct nft_element *elements, size_t count);
struct nft_elements {
    struct nft_element *items;
    size_t count;
};
/* Removes the old and adds the new in one transaction, so that no packet finds neither. */
int nft_replace_elements(const char *table, const struct nft_elements *old, const struct nft_elements *new);

/* In the calling thread's network namespace: what is sent to `address`:53 goes to its ports `udp` and `tcp`,
 * and the answers come from port 53. Ports in host order. */
int nft_redirect_dns(uint32_t address, uint16_t udp, uint16_t tcp);

/* All chains, our rules and the bridges that `table` knows, as the reply of op `nft_chains` has them. */
int nft_list_chains(const char *table, struct json *json);

struct nft_rule {
    const char *family; /* "ip", "ip6", "inet" */
    char table[64], chain[64];
    uint64_t handle;
};
/* Rules and tables that are not there are no error. */
int nft_remove_rule(const struct nft_rule *rule);
/* The socket goes to *fd (-1: none): the kernel lets whoever closes it wait until every processor has seen
 * that the table is gone, 5 to 15 ms. */
int nft_remove_table(const char *table, int *fd);

const char *nft_family_name(uint8_t family);
uint8_t nft_family_number(const char *name);

#endif
