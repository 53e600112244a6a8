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

const char *nft_family_name(uint8_t family)
{
    switch (family) {
    case NFPROTO_INET:
        return "inet";
    case NFPROTO_IPV4:
        return "ip";
    case NFPROTO_IPV6:
        return "ip6";
    default:
        return NULL;
    }
}

uint8_t nft_family_number(const char *name)
{
    if (strcmp(name, "inet") == 0)
        return NFPROTO_INET;
    return strcmp(name, "ip6") == 0 ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

static uint32_t nft_number(const struct nlattr *attribute)
{
    uint32_t value = 0;

    if (attribute && netlink_size(attribute) == sizeof value)
        memcpy(&value, netlink_data(attribute), sizeof value);
    return ntohl(value);
}

/* The attributes of a message, and its family. */
static uint8_t nft_open(const struct nlmsghdr *message, const struct nlattr **table, uint16_t max)
{
    const struct nfgenmsg *head = NLMSG_DATA(message);
    size_t size = message->nlmsg_len - NLMSG_LENGTH(sizeof *head);

    netlink_parse(head + 1, size, table, max);
    return head->nfgen_family;
}

static void nft_list_chain(const struct nlmsghdr *message, void *context)
{
    const struct nlattr *chain[NFTA_CHAIN_MAX + 1], *hook[NFTA_HOOK_MAX + 1];
    struct json *json = context;
    const char *family = nft_family_name(nft_open(message, chain, NFTA_CHAIN_MAX));

    if (!family || !chain[NFTA_CHAIN_TABLE] || !chain[NFTA_CHAIN_NAME])
        return;
    memset(hook, 0, sizeof hook);
    if (chain[NFTA_CHAIN_HOOK])
        netlink_parse(netlink_data(chain[NFTA_CHAIN_HOOK]), netlink_size(chain[NFTA_CHAIN_HOOK]), hook,
                      NFTA_HOOK_MAX);
    json_object_begin(json, NULL);
    json_string(json, "family", family);
    json_string(json, "table", netlink_data(chain[NFTA_CHAIN_TABLE]));
    json_string(json, "chain", netlink_data(chain[NFTA_CHAIN_NAME]));
    json_string(json, "type", chain[NFTA_CHAIN_TYPE] ? netlink_data(chain[NFTA_CHAIN_TYPE]) : "");
    json_integer(json, "hook", hook[NFTA_HOOK_HOOKNUM] ? (int)nft_number(hook[NFTA_HOOK_HOOKNUM]) : -1);
    json_boolean(json, "drop", chain[NFTA_CHAIN_POLICY] && nft_number(chain[NFTA_CHAIN_POLICY]) == NF_DROP);
    json_object_end(json);
}

/* A rule is known by its comment: the user data that `nft` writes for one is TYPE LENGTH TEXT\0. */
static void nft_list_rule(const struct nlmsghdr *message, void *context)
{
    const struct nlattr *rule[NFTA_RULE_MAX + 1];
    struct json *json = context;
    const char *family = nft_family_name(nft_open(message, rule, NFTA_RULE_MAX));
    const char *data;
    uint64_t handle;
    size_t size;

    if (!family || !rule[NFTA_RULE_TABLE] || !rule[NFTA_RULE_CHAIN] || !rule[NFTA_RULE_USERDATA])
        return;
    data = netlink_data(rule[NFTA_RULE_USERDATA]);
    size = netlink_size(rule[NFTA_RULE_USERDATA]);
    if (size < 3 || data[0] != 0 || (size_t)(uint8_t)data[1] + 2 > size ||
        strncmp(data + 2, "mydocker", 8) != 0)
        return;
    json_object_begin(json, NULL);
    json_string(json, "family", family);
    json_string(json, "table", netlink_data(rule[NFTA_RULE_TABLE]));
    json_string(json, "chain", netlink_data(rule[NFTA_RULE_CHAIN]));
    json_bytes(json, "comment", data + 2, strnlen(data + 2, (uint8_t)data[1]));
    if (rule[NFTA_RULE_HANDLE] && netlink_size(rule[NFTA_RULE_HANDLE]) == sizeof handle) {
        memcpy(&handle, netlink_data(rule[NFTA_RULE_HANDLE]), sizeof handle);
        json_integer(json, "handle", (int64_t)be64toh(handle));
    }
    json_object_end(json);
}

/* A list of elements, each with its key. */
static void nft_list_bridges(const struct nlmsghdr *message, void *context)
{
    const struct nlattr *list[NFTA_SET_ELEM_LIST_MAX + 1], *element[NFTA_SET_ELEM_MAX + 1],
        *key[NFTA_DATA_MAX + 1];
    const char *at;
    size_t left;

    nft_open(message, list, NFTA_SET_ELEM_LIST_MAX);
    if (!list[NFTA_SET_ELEM_LIST_ELEMENTS])
        return;
    at = netlink_data(list[NFTA_SET_ELEM_LIST_ELEMENTS]);
    left = netlink_size(list[NFTA_SET_ELEM_LIST_ELEMENTS]);
    while (left >= NLA_HDRLEN) {
        const struct nlattr *item = (const struct nlattr *)(const void *)at;
        size_t step = NLA_ALIGN(item->nla_len);

        if (item->nla_len < NLA_HDRLEN || item->nla_len > left)
            return;
        netlink_parse(netlink_data(item), netlink_size(item), element, NFTA_SET_ELEM_MAX);
        if (element[NFTA_SET_ELEM_KEY]) {
            netlink_parse(netlink_data(element[NFTA_SET_ELEM_KEY]), netlink_size(element[NFTA_SET_ELEM_KEY]),
                          key, NFTA_DATA_MAX);
            if (key[NFTA_DATA_VALUE])
                json_bytes(context, NULL, netlink_data(key[NFTA_DATA_VALUE]),
                           strnlen(netlink_data(key[NFTA_DATA_VALUE]), netlink_size(key[NFTA_DATA_VALUE])));
        }
        if (step >= left)
            return;
        at += step;
        left -= step;
    }
}

static int nft_dump_bridges(int fd, const char *table, struct json *json)
{
    struct netlink_buffer buffer = {0};
    struct nfgenmsg head = {.nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0};
    int result;

    netlink_begin(&buffer, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM, NLM_F_DUMP, &head, sizeof head);
    netlink_put_string(&buffer, NFTA_SET_ELEM_LIST_TABLE, table);
    netlink_put_string(&buffer, NFTA_SET_ELEM_LIST_SET, "bridges");
    json_array_begin(json, "bridges");
    result = netlink_dump(fd, &buffer, nft_list_bridges, json);
    json_array_end(json);
    netlink_free(&buffer);
    return result && errno == ENOENT ? 0 : result;
}

static int nft_dump(int fd, uint16_t type, struct json *json, const char *key, netlink_receive *receive)
{
    struct netlink_buffer buffer = {0};
    struct nfgenmsg head = {.nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0};
    int result;

    netlink_begin(&buffer, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), NLM_F_DUMP, &head, sizeof head);
    json_array_begin(json, key);
    result = netlink_dump(fd, &buffer, receive, json);
    json_array_end(json);
    netlink_free(&buffer);
    return result;
}

int nft_list_chains(const char *table, struct json *json)
{
    int fd = netlink_open(NETLINK_NETFILTER);
    int result;

    if (fd < 0)
        return -1;
    result = nft_dump(fd, NFT_MSG_GETCHAIN, json, "chains", nft_list_chain);
    if (result == 0)
        result = nft_dump(fd, NFT_MSG_GETRULE, json, "marked", nft_list_rule);
    if (result == 0)
        result = nft_dump_bridges(fd, table, json);
    close(fd);
    return result;
}
