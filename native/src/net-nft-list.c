#include "net-nft.h"

#include "netlink.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <unistd.h>

static const char *nft_family_name(uint8_t family)
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
    size_t size;

    if (!family || !rule[NFTA_RULE_TABLE] || !rule[NFTA_RULE_CHAIN] || !rule[NFTA_RULE_USERDATA])
        return;
    data = netlink_data(rule[NFTA_RULE_USERDATA]);
    size = netlink_size(rule[NFTA_RULE_USERDATA]);
    if (size < 3 || data[0] != 0 || (size_t)(uint8_t)data[1] + 2 > size || strncmp(data + 2, "mydocker", 8) != 0)
        return;
    json_object_begin(json, NULL);
    json_string(json, "family", family);
    json_string(json, "table", netlink_data(rule[NFTA_RULE_TABLE]));
    json_string(json, "chain", netlink_data(rule[NFTA_RULE_CHAIN]));
    json_bytes(json, "comment", data + 2, strnlen(data + 2, (uint8_t)data[1]));
    json_object_end(json);
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

int nft_list_chains(struct json *json)
{
    int fd = netlink_open(NETLINK_NETFILTER);
    int result;

    if (fd < 0)
        return -1;
    result = nft_dump(fd, NFT_MSG_GETCHAIN, json, "chains", nft_list_chain);
    if (result == 0)
        result = nft_dump(fd, NFT_MSG_GETRULE, json, "marked", nft_list_rule);
    close(fd);
    return result;
}
