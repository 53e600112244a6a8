#include "net-spec.h"

#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef IPPROTO_SCTP
#define IPPROTO_SCTP 132
#endif

static const struct {
    const char *name;
    uint8_t number;
} protocols[] = {{"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"sctp", IPPROTO_SCTP}};

const char *net_protocol_name(uint8_t protocol)
{
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        if (protocols[i].number == protocol)
            return protocols[i].name;
    return "?";
}

uint8_t net_protocol_number(const char *name)
{
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        if (strcmp(protocols[i].name, name) == 0)
            return protocols[i].number;
    return 0;
}

static void net_list_add(struct net_list *list, const char *text)
{
    list->items = memory_resize(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = memory_copy_string(text);
}

static void net_list_free(struct net_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
}

static int net_bad(struct failure *failure, const struct proto_pair *pair)
{
    return fail(failure, STAGE_REQUEST, EINVAL, "%.60s: \"%.200s\" is not valid", pair->key, pair->value);
}

static int net_set_text(char **field, const struct proto_pair *pair, struct failure *failure)
{
    if (!*pair->value || *field)
        return net_bad(failure, pair);
    *field = memory_copy_string(pair->value);
    return 0;
}

static int net_set_interface(char **field, const struct proto_pair *pair, struct failure *failure)
{
    if (strlen(pair->value) >= IFNAMSIZ || strpbrk(pair->value, "/: \t\n") || strcmp(pair->value, ".") == 0 ||
        strcmp(pair->value, "..") == 0)
        return net_bad(failure, pair);
    return net_set_text(field, pair, failure);
}

/* An IPv4 address goes into one place, an IPv6 one into the other. */
static int net_set_address(struct net_address *v4, struct net_address *v6, const struct proto_pair *pair,
                           struct failure *failure)
{
    struct net_address address;

    if (!net_address_parse(pair->value, &address))
        return net_bad(failure, pair);
    if (address.family == AF_INET)
        *v4 = address;
    else
        *v6 = address;
    return 0;
}

static int net_set_flag(bool *flag, const struct proto_pair *pair, struct failure *failure)
{
    if (strcmp(pair->value, "0") != 0 && strcmp(pair->value, "1") != 0)
        return net_bad(failure, pair);
    *flag = *pair->value == '1';
    return 0;
}

static int net_set_endpoint_address(struct net_endpoint *endpoint, const char *key,
                                    const struct proto_pair *pair, struct failure *failure)
{
    int64_t mtu;

    if (strcmp(key, "mac") == 0)
        return net_mac_parse(pair->value, endpoint->mac) ? 0 : net_bad(failure, pair);
    if (strcmp(key, "mtu") == 0) {
        if (proto_integer(pair->key, pair->value, 68, 65535, &mtu, failure))
            return -1;
        endpoint->mtu = (uint32_t)mtu;
        return 0;
    }
    if (strcmp(key, "address") == 0)
        return net_set_address(&endpoint->v4, &endpoint->v6, pair, failure);
    if (strcmp(key, "gateway") == 0)
        return net_set_address(&endpoint->gateway4, &endpoint->gateway6, pair, failure);
    if (strcmp(key, "default") != 0)
        return fail(failure, STAGE_REQUEST, EINVAL, "unknown key %.60s", pair->key);
    if (strcmp(pair->value, "4") == 0)
        endpoint->default4 = true;
    else if (strcmp(pair->value, "6") == 0)
        endpoint->default6 = true;
    else
        return net_bad(failure, pair);
    return 0;
}

static int net_set_endpoint(struct net_endpoint *endpoint, const char *key, const struct proto_pair *pair,
                            struct failure *failure)
{
    const struct {
        const char *key;
        char **text;
        struct net_list *list;
        bool *flag;
        bool interface;
    } fields[] = {
        {"name", &endpoint->network_name, NULL, NULL, false},
        {"bridge", &endpoint->bridge, NULL, NULL, true},
        {"veth", &endpoint->veth, NULL, NULL, true},
        {"ifname", &endpoint->ifname, NULL, NULL, true},
        {"link_local", NULL, &endpoint->link_local, NULL, false},
        {"alias", NULL, &endpoint->alias, NULL, false},
        {"link", NULL, &endpoint->link, NULL, false},
        {"sysctl", NULL, &endpoint->sysctl, NULL, false},
        {"port_isolated", NULL, NULL, &endpoint->isolated, false},
        {"hairpin", NULL, NULL, &endpoint->hairpin, false},
        {"internal", NULL, NULL, &endpoint->internal, false},
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(fields[i].key, key) != 0)
            continue;
        if (fields[i].list) {
            net_list_add(fields[i].list, pair->value);
            return 0;
        }
        if (fields[i].flag)
            return net_set_flag(fields[i].flag, pair, failure);
        return fields[i].interface ? net_set_interface(fields[i].text, pair, failure)
                                   : net_set_text(fields[i].text, pair, failure);
    }
    return net_set_endpoint_address(endpoint, key, pair, failure);
}

/* `tcp 127.0.0.1 8080 8080 80` */
static int net_add_publish(struct net_spec *spec, const struct proto_pair *pair, struct failure *failure)
{
    struct net_publish publish = {.held = -1}, *copy;
    char protocol[8], host[INET6_ADDRSTRLEN];
    unsigned first, last, target;
    int used = 0;

    if (sscanf(pair->value, "%7s %45s %u %u %u%n", protocol, host, &first, &last, &target, &used) != 5 ||
        pair->value[used] || first > 65535 || last > 65535 || last < first || target < 1 || target > 65535)
        return net_bad(failure, pair);
    publish.protocol = net_protocol_number(protocol);
    if (!publish.protocol || (strcmp(host, "*") != 0 && !net_address_parse(host, &publish.host)))
        return net_bad(failure, pair);
    publish.first = (uint16_t)first;
    publish.last = (uint16_t)last;
    publish.target = (uint16_t)target;
    copy = memory_allocate(1, sizeof *copy);
    *copy = publish;
    spec->publishes = memory_resize(spec->publishes, spec->publish_count + 1, sizeof copy);
    spec->publishes[spec->publish_count++] = copy;
    return 0;
}

/* `host 192.0.2.1` */
static int net_add_server(struct net_spec *spec, const struct proto_pair *pair, struct failure *failure)
{
    struct net_server server = {.in_container = strncmp(pair->value, "container ", 10) == 0};
    const char *address = strchr(pair->value, ' ');

    if (!address || (!server.in_container && strncmp(pair->value, "host ", 5) != 0) ||
        !net_address_parse(address + 1, &server.address))
        return net_bad(failure, pair);
    spec->servers = memory_resize(spec->servers, spec->server_count + 1, sizeof server);
    spec->servers[spec->server_count++] = server;
    return 0;
}

static int net_add_endpoint(struct net_spec *spec, const struct proto_pair *pair, struct failure *failure)
{
    struct net_endpoint *endpoint;

    if (strlen(pair->value) != 64 || strspn(pair->value, "0123456789abcdef") != 64)
        return net_bad(failure, pair);
    endpoint = memory_allocate(1, sizeof *endpoint);
    endpoint->network = memory_copy_string(pair->value);
    spec->endpoints = memory_resize(spec->endpoints, spec->endpoint_count + 1, sizeof(struct net_endpoint *));
    spec->endpoints[spec->endpoint_count++] = endpoint;
    return 0;
}

static int net_set_pair(struct net_spec *spec, const struct proto_pair *pair, struct failure *failure)
{
    if (strcmp(pair->key, "net.root") == 0)
        return net_set_text(&spec->root, pair, failure);
    if (strcmp(pair->key, "net.table") == 0)
        return net_set_text(&spec->table, pair, failure);
    if (strcmp(pair->key, "net.endpoint") == 0)
        return net_add_endpoint(spec, pair, failure);
    if (strcmp(pair->key, "net.publish") == 0)
        return net_add_publish(spec, pair, failure);
    if (strcmp(pair->key, "dns.server") == 0)
        return net_add_server(spec, pair, failure);
    if (strcmp(pair->key, "dns.listen") == 0) {
        if (!net_address_parse(pair->value, &spec->listen) || spec->listen.family != AF_INET)
            return net_bad(failure, pair);
        return 0;
    }
    if (strncmp(pair->key, "net.", 4) != 0 || spec->endpoint_count == 0)
        return fail(failure, STAGE_REQUEST, EINVAL, "unknown or misplaced key %.60s", pair->key);
    return net_set_endpoint(spec->endpoints[spec->endpoint_count - 1], pair->key + 4, pair, failure);
}

static int net_check_endpoint(const struct net_endpoint *endpoint, struct failure *failure)
{
    const char *missing = !endpoint->bridge         ? "net.bridge"
                          : !endpoint->veth         ? "net.veth"
                          : !endpoint->ifname       ? "net.ifname"
                          : !endpoint->network_name ? "net.name"
                                                    : NULL;

    if (missing)
        return fail(failure, STAGE_REQUEST, EINVAL, "key %s is missing below net.endpoint", missing);
    return 0;
}

int net_spec_parse_change(const struct proto_pair *pairs, size_t count, struct net_spec *spec,
                          struct failure *failure)
{
    memset(spec, 0, sizeof *spec);
    for (size_t i = 0; i < count; i++) {
        if (net_set_pair(spec, &pairs[i], failure)) {
            net_spec_free(spec);
            return -1;
        }
    }
    return 0;
}

int net_spec_parse(const struct proto_pair *pairs, size_t count, struct net_spec *spec,
                   struct failure *failure)
{
    if (net_spec_parse_change(pairs, count, spec, failure))
        return -1;
    for (size_t i = 0; i < spec->endpoint_count; i++)
        if (net_check_endpoint(spec->endpoints[i], failure))
            goto broken;
    if ((spec->endpoint_count || spec->publish_count) && !spec->root) {
        fail(failure, STAGE_REQUEST, EINVAL, "key net.root is missing");
        goto broken;
    }
    if (spec->publish_count && !spec->table) {
        fail(failure, STAGE_REQUEST, EINVAL, "key net.table is missing");
        goto broken;
    }
    return 0;
broken:
    net_spec_free(spec);
    return -1;
}

void net_endpoint_free(struct net_endpoint *endpoint)
{
    free(endpoint->network);
    free(endpoint->network_name);
    free(endpoint->bridge);
    free(endpoint->veth);
    free(endpoint->ifname);
    net_list_free(&endpoint->link_local);
    net_list_free(&endpoint->alias);
    net_list_free(&endpoint->link);
    net_list_free(&endpoint->sysctl);
    free(endpoint);
}

void net_spec_free(struct net_spec *spec)
{
    free(spec->root);
    free(spec->table);
    for (size_t i = 0; i < spec->endpoint_count; i++)
        net_endpoint_free(spec->endpoints[i]);
    free(spec->endpoints);
    for (size_t i = 0; i < spec->publish_count; i++)
        free(spec->publishes[i]);
    free(spec->publishes);
    free(spec->servers);
    memset(spec, 0, sizeof *spec);
}
