#include "net-nft.h"

#include "netlink.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <unistd.h>

static void nft_begin(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, uint8_t family)
{
    struct nfgenmsg head = {.nfgen_family = family, .version = NFNETLINK_V0};

    netlink_begin(buffer, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, &head, sizeof head);
}

static void nft_batch(struct netlink_buffer *buffer, uint16_t type)
{
    struct nfgenmsg head = {.version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};

    netlink_begin(buffer, type, 0, &head, sizeof head);
}

/* The socket goes to *fd, -1 when there is none. */
static int nft_send(struct netlink_buffer *buffer, int *fd)
{
    int result = -1, error;

    *fd = netlink_open(NETLINK_NETFILTER);
    nft_batch(buffer, NFNL_MSG_BATCH_END);
    if (*fd >= 0)
        result = netlink_transact(*fd, buffer, NULL);
    error = errno;
    netlink_free(buffer);
    errno = error;
    return result;
}

static int nft_commit(struct netlink_buffer *buffer)
{
    int fd;
    int result = nft_send(buffer, &fd), error = errno;

    if (fd >= 0)
        close(fd);
    errno = error;
    return result;
}

static void nft_put_value(struct netlink_buffer *buffer, uint16_t type, const void *data, size_t size)
{
    size_t value = netlink_nest(buffer, type);

    netlink_put(buffer, NFTA_DATA_VALUE, data, size);
    netlink_end_nest(buffer, value);
}

/* A message has room for so many elements: the length of their list has 16 bits. */
enum { ELEMENTS_MAX = 256 };

/* The elements of one set, as many as one message takes; how many there were. */
static size_t nft_put_message(struct netlink_buffer *buffer, const char *table,
                              const struct nft_element *elements, size_t count, uint16_t type)
{
    size_t done = 0, list, item;

    nft_begin(buffer, type, NLM_F_ACK | (type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0), NFPROTO_INET);
    netlink_put_string(buffer, NFTA_SET_ELEM_LIST_TABLE, table);
    netlink_put_string(buffer, NFTA_SET_ELEM_LIST_SET, elements->set);
    list = netlink_nest(buffer, NFTA_SET_ELEM_LIST_ELEMENTS);
    for (; done < count && done < ELEMENTS_MAX && strcmp(elements[done].set, elements->set) == 0; done++) {
        const struct nft_element *element = &elements[done];

        item = netlink_nest(buffer, NFTA_LIST_ELEM);
        nft_put_value(buffer, NFTA_SET_ELEM_KEY, element->key, element->key_size);
        if (element->data_size && type == NFT_MSG_NEWSETELEM)
            nft_put_value(buffer, NFTA_SET_ELEM_DATA, element->data, element->data_size);
        netlink_end_nest(buffer, item);
    }
    netlink_end_nest(buffer, list);
    return done;
}

static void nft_put_elements(struct netlink_buffer *buffer, const char *table,
                             const struct nft_element *elements, size_t count, uint16_t type)
{
    for (size_t done = 0; done < count;)
        done += nft_put_message(buffer, table, elements + done, count - done, type);
}

int nft_add_elements(const char *table, const struct nft_element *elements, size_t count)
{
    struct netlink_buffer buffer = {0};

    if (count == 0)
        return 0;
    nft_batch(&buffer, NFNL_MSG_BATCH_BEGIN);
    nft_put_elements(&buffer, table, elements, count, NFT_MSG_NEWSETELEM);
    if (nft_commit(&buffer) == 0)
        return 0;
    if (errno != EBUSY && errno != EEXIST)
        return -1;
    /* Left by a holder that was killed: whoever owns the key now may replace what it leads to. */
    if (nft_remove_elements(table, elements, count))
        return -1;
    nft_batch(&buffer, NFNL_MSG_BATCH_BEGIN);
    nft_put_elements(&buffer, table, elements, count, NFT_MSG_NEWSETELEM);
    return nft_commit(&buffer);
}

int nft_remove_elements(const char *table, const struct nft_element *elements, size_t count)
{
    struct netlink_buffer buffer = {0};

    if (count == 0)
        return 0;
    nft_batch(&buffer, NFNL_MSG_BATCH_BEGIN);
    nft_put_elements(&buffer, table, elements, count, NFT_MSG_DELSETELEM);
    if (nft_commit(&buffer) == 0)
        return 0;
    if (errno != ENOENT)
        return -1;
    /* One that is missing fails the transaction: then one transaction each. */
    for (size_t i = 0; count > 1 && i < count; i++)
        if (nft_remove_elements(table, &elements[i], 1))
            return -1;
    return 0;
}

int nft_replace_elements(const char *table, const struct nft_elements *old, const struct nft_elements *new)
{
    struct netlink_buffer buffer = {0};

    if (old->count + new->count == 0)
        return 0;
    nft_batch(&buffer, NFNL_MSG_BATCH_BEGIN);
    nft_put_elements(&buffer, table, old->items, old->count, NFT_MSG_DELSETELEM);
    nft_put_elements(&buffer, table, new->items, new->count, NFT_MSG_NEWSETELEM);
    if (nft_commit(&buffer) == 0)
        return 0;
    if (errno != ENOENT && errno != EBUSY && errno != EEXIST)
        return -1;
    /* The table is not what it should be: something was flushed, or left. */
    return nft_remove_elements(table, old->items, old->count)
               ? -1
               : nft_add_elements(table, new->items, new->count);
}

static int nft_remove(struct netlink_buffer *buffer)
{
    return nft_commit(buffer) && errno != ENOENT ? -1 : 0;
}

int nft_remove_rule(const struct nft_rule *rule)
{
    struct netlink_buffer buffer = {0};
    uint64_t handle = htobe64(rule->handle);

    nft_batch(&buffer, NFNL_MSG_BATCH_BEGIN);
    nft_begin(&buffer, NFT_MSG_DELRULE, NLM_F_ACK, nft_family_number(rule->family));
    netlink_put_string(&buffer, NFTA_RULE_TABLE, rule->table);
    netlink_put_string(&buffer, NFTA_RULE_CHAIN, rule->chain);
    netlink_put(&buffer, NFTA_RULE_HANDLE, &handle, sizeof handle);
    return nft_remove(&buffer);
}

int nft_remove_table(const char *table, int *fd)
{
    struct netlink_buffer buffer = {0};

    nft_batch(&buffer, NFNL_MSG_BATCH_BEGIN);
    nft_begin(&buffer, NFT_MSG_DELTABLE, NLM_F_ACK, NFPROTO_INET);
    netlink_put_string(&buffer, NFTA_TABLE_NAME, table);
    return nft_send(&buffer, fd) && errno != ENOENT ? -1 : 0;
}

/* --- the translation of port 53: stateless, so that it neither needs nor disturbs connection tracking */

static size_t nft_begin_expression(struct netlink_buffer *buffer, const char *name, size_t *outer)
{
    *outer = netlink_nest(buffer, NFTA_LIST_ELEM);
    netlink_put_string(buffer, NFTA_EXPR_NAME, name);
    return netlink_nest(buffer, NFTA_EXPR_DATA);
}

static void nft_end_expression(struct netlink_buffer *buffer, size_t outer, size_t inner)
{
    netlink_end_nest(buffer, inner);
    netlink_end_nest(buffer, outer);
}

static void nft_match(struct netlink_buffer *buffer, const void *value, size_t size)
{
    size_t outer, inner = nft_begin_expression(buffer, "cmp", &outer);

    netlink_put_be32(buffer, NFTA_CMP_SREG, NFT_REG_1);
    netlink_put_be32(buffer, NFTA_CMP_OP, NFT_CMP_EQ);
    nft_put_value(buffer, NFTA_CMP_DATA, value, size);
    nft_end_expression(buffer, outer, inner);
}

static void nft_match_payload(struct netlink_buffer *buffer, uint32_t base, uint32_t offset,
                              const void *value, uint32_t size)
{
    size_t outer, inner = nft_begin_expression(buffer, "payload", &outer);

    netlink_put_be32(buffer, NFTA_PAYLOAD_DREG, NFT_REG_1);
    netlink_put_be32(buffer, NFTA_PAYLOAD_BASE, base);
    netlink_put_be32(buffer, NFTA_PAYLOAD_OFFSET, offset);
    netlink_put_be32(buffer, NFTA_PAYLOAD_LEN, size);
    nft_end_expression(buffer, outer, inner);
    nft_match(buffer, value, size);
}

static void nft_match_protocol(struct netlink_buffer *buffer, uint8_t protocol)
{
    size_t outer, inner = nft_begin_expression(buffer, "meta", &outer);

    netlink_put_be32(buffer, NFTA_META_DREG, NFT_REG_1);
    netlink_put_be32(buffer, NFTA_META_KEY, NFT_META_L4PROTO);
    nft_end_expression(buffer, outer, inner);
    nft_match(buffer, &protocol, 1);
}

static void nft_set_port(struct netlink_buffer *buffer, uint32_t offset, uint16_t port, uint8_t protocol)
{
    size_t outer, inner = nft_begin_expression(buffer, "immediate", &outer);

    netlink_put_be32(buffer, NFTA_IMMEDIATE_DREG, NFT_REG_1);
    nft_put_value(buffer, NFTA_IMMEDIATE_DATA, &port, sizeof port);
    nft_end_expression(buffer, outer, inner);
    inner = nft_begin_expression(buffer, "payload", &outer);
    netlink_put_be32(buffer, NFTA_PAYLOAD_SREG, NFT_REG_1);
    netlink_put_be32(buffer, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
    netlink_put_be32(buffer, NFTA_PAYLOAD_OFFSET, offset);
    netlink_put_be32(buffer, NFTA_PAYLOAD_LEN, sizeof port);
    netlink_put_be32(buffer, NFTA_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
    netlink_put_be32(buffer, NFTA_PAYLOAD_CSUM_OFFSET, protocol == IPPROTO_UDP ? 6 : 16);
    nft_end_expression(buffer, outer, inner);
}

#define DNS_TABLE "mydocker_dns"

static void nft_put_chain(struct netlink_buffer *buffer, const char *name, int32_t priority)
{
    size_t hook;

    nft_begin(buffer, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_ACK, NFPROTO_IPV4);
    netlink_put_string(buffer, NFTA_CHAIN_TABLE, DNS_TABLE);
    netlink_put_string(buffer, NFTA_CHAIN_NAME, name);
    hook = netlink_nest(buffer, NFTA_CHAIN_HOOK);
    netlink_put_be32(buffer, NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT);
    netlink_put_be32(buffer, NFTA_HOOK_PRIORITY, (uint32_t)priority);
    netlink_end_nest(buffer, hook);
    netlink_put_string(buffer, NFTA_CHAIN_TYPE, "filter");
}

struct dns_rule {
    const char *chain;
    uint32_t address_offset, port_offset;
    uint8_t protocol;
    uint16_t from, to;
};

static void nft_put_dns_rule(struct netlink_buffer *buffer, uint32_t address, const struct dns_rule *rule)
{
    uint16_t from = htons(rule->from);
    size_t expressions;

    nft_begin(buffer, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK, NFPROTO_IPV4);
    netlink_put_string(buffer, NFTA_RULE_TABLE, DNS_TABLE);
    netlink_put_string(buffer, NFTA_RULE_CHAIN, rule->chain);
    expressions = netlink_nest(buffer, NFTA_RULE_EXPRESSIONS);
    nft_match_payload(buffer, NFT_PAYLOAD_NETWORK_HEADER, rule->address_offset, &address, 4);
    nft_match_protocol(buffer, rule->protocol);
    nft_match_payload(buffer, NFT_PAYLOAD_TRANSPORT_HEADER, rule->port_offset, &from, 2);
    nft_set_port(buffer, rule->port_offset, htons(rule->to), rule->protocol);
    netlink_end_nest(buffer, expressions);
}

int nft_redirect_dns(uint32_t address, uint16_t udp, uint16_t tcp)
{
    struct netlink_buffer buffer = {0};
    /* Questions are changed after the container's own rules and tracking, answers before them: both see
     * port 53. */
    const struct dns_rule rules[] = {
        {"question", 16, 2, IPPROTO_UDP, 53, udp},
        {"question", 16, 2, IPPROTO_TCP, 53, tcp},
        {"answer", 12, 0, IPPROTO_UDP, udp, 53},
        {"answer", 12, 0, IPPROTO_TCP, tcp, 53},
    };

    nft_batch(&buffer, NFNL_MSG_BATCH_BEGIN);
    nft_begin(&buffer, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_ACK, NFPROTO_IPV4);
    netlink_put_string(&buffer, NFTA_TABLE_NAME, DNS_TABLE);
    nft_put_chain(&buffer, "question", 300);
    nft_put_chain(&buffer, "answer", -350);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        nft_put_dns_rule(&buffer, address, &rules[i]);
    return nft_commit(&buffer);
}
