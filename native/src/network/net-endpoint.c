#include "net-internal.h"

#include "cleanup.h"
#include "net-namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void net_endpoint_address_path(const struct net_endpoint *endpoint, const char *address, char *path)
{
    snprintf(path, NET_RECORD_MAX, "%s/ip/%s", endpoint->network, address);
}

/* The orchestrator has taken the address for this container; should it have ended since, another may have it
 * now. */
static int net_endpoint_take(struct net *net, const char *path, const char *target)
{
    char rest[NET_RECORD_MAX];
    struct net_holder holder;

    if (net_record_read(net->root, path, &holder, rest) && net_holder_alive(&holder) &&
        strncmp(rest, net->container, NET_ID_SIZE) != 0) {
        errno = EADDRINUSE;
        return -1;
    }
    return net_record_write(net->root, path, target);
}

int net_endpoint_claim(struct net *net, const struct net_endpoint *endpoint, struct failure *failure)
{
    const struct net_address *addresses[] = {&endpoint->v4, &endpoint->v6};
    char path[NET_RECORD_MAX], target[NET_RECORD_MAX], text[INET6_ADDRSTRLEN];
    int result = 0;

    snprintf(target, sizeof target, "%d %" PRIu64 " %s %.255s", (int)net->holder.pid, net->holder.start,
             net->container, endpoint->alias.count ? endpoint->alias.items[0] : "");
    if (net_record_lock(net->root, false))
        return fail(failure, STAGE_NETWORK, errno, "cannot lock the network records");
    for (size_t i = 0; i < 2 && result == 0; i++) {
        if (!addresses[i]->family)
            continue;
        net_endpoint_address_path(endpoint, net_address_text(addresses[i], text), path);
        if (net_endpoint_take(net, path, target))
            result = fail(failure, STAGE_NETWORK, errno, "cannot take address %s on network %s", text,
                          endpoint->network_name);
    }
    net_record_unlock(net->root);
    return result;
}

void net_endpoint_unclaim(struct net *net, const struct net_endpoint *endpoint)
{
    const struct net_address *addresses[] = {&endpoint->v4, &endpoint->v6};
    char path[NET_RECORD_MAX], text[INET6_ADDRSTRLEN], rest[NET_RECORD_MAX];
    struct net_holder holder;

    for (size_t i = 0; i < 2; i++) {
        if (!addresses[i]->family)
            continue;
        net_endpoint_address_path(endpoint, net_address_text(addresses[i], text), path);
        if (net_record_read(net->root, path, &holder, rest) && holder.pid == net->holder.pid)
            net_record_remove(net->root, path);
    }
}

static const char *net_cidr(const struct net_address *address, char text[INET6_ADDRSTRLEN + 4])
{
    char plain[INET6_ADDRSTRLEN];

    if (!address->family)
        return strcpy(text, "-");
    snprintf(text, INET6_ADDRSTRLEN + 4, "%s/%u", net_address_text(address, plain), address->prefix);
    return text;
}

/* As many as have room; ` +` tells that there are more. */
static void net_put_names(const struct net_endpoint *endpoint, char target[NET_RECORD_MAX])
{
    size_t size = strlen(target);

    for (size_t i = 0; i < endpoint->alias.count; i++) {
        const char *name = endpoint->alias.items[i];

        if (size + strlen(name) + sizeof "  +" > NET_RECORD_MAX) {
            snprintf(target + size, NET_RECORD_MAX - size, " +");
            return;
        }
        size += (size_t)snprintf(target + size, NET_RECORD_MAX - size, " %s", name);
    }
}

static int net_endpoint_record(struct net *net, const struct net_endpoint *endpoint, struct failure *failure)
{
    char path[NET_RECORD_MAX], target[NET_RECORD_MAX];
    char v4[INET6_ADDRSTRLEN + 4], v6[INET6_ADDRSTRLEN + 4], gateway4[INET6_ADDRSTRLEN],
        gateway6[INET6_ADDRSTRLEN];
    const uint8_t *mac = endpoint->mac;

    snprintf(path, sizeof path, "%s/endpoint/%s", endpoint->network, net->container);
    snprintf(target, sizeof target, "%d %" PRIu64 " %s %s %s %02x:%02x:%02x:%02x:%02x:%02x %s %s %s %s",
             (int)net->holder.pid, net->holder.start, endpoint->bridge, endpoint->veth, endpoint->ifname,
             mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], net_cidr(&endpoint->v4, v4),
             net_address_text(&endpoint->gateway4, gateway4), net_cidr(&endpoint->v6, v6),
             net_address_text(&endpoint->gateway6, gateway6));
    net_put_names(endpoint, target);
    if (net_record_write(net->root, path, target))
        return fail(failure, STAGE_NETWORK, errno, "cannot record the endpoint %s", path);
    return 0;
}

static int net_write_sysctl(const char *name, const char *value)
{
    char path[256];
    CLEANUP_FD int fd = -1;

    snprintf(path, sizeof path, "/proc/sys/net/%s", name);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd < 0 || write(fd, value, strlen(value)) < 0 ? -1 : 0;
}

/* `net.ipv4.conf.IFNAME.forwarding=1` */
static int net_endpoint_sysctl(const struct net_endpoint *endpoint, const char *text, struct failure *failure)
{
    char name[256];
    const char *value = strchr(text, '='), *mark = strstr(text, "IFNAME");
    size_t size = value ? (size_t)(value - text) : 0;

    if (!value || size > 200 || strncmp(text, "net.", 4) != 0)
        return fail(failure, STAGE_NETWORK, EINVAL, "net.sysctl: \"%.200s\" is not valid", text);
    for (size_t i = 4; i < size; i++)
        name[i - 4] = text[i] == '.' ? '/' : text[i];
    name[size - 4] = '\0';
    if (mark && mark < value) {
        size_t before = (size_t)(mark - text) - 4;
        char tail[256];

        strcpy(tail, name + before + strlen("IFNAME"));
        snprintf(name + before, sizeof name - before, "%s%s", endpoint->ifname, tail);
    }
    if (strstr(name, "..") || net_write_sysctl(name, value + 1))
        return fail(failure, STAGE_NETWORK, errno, "cannot set sysctl %.200s", text);
    return 0;
}

/* Inside the container's namespace. */
static int net_endpoint_configure(struct net *net, const struct net_endpoint *endpoint,
                                  struct failure *failure)
{
    unsigned index = net_link_index(endpoint->ifname);
    char name[64];

    snprintf(name, sizeof name, "ipv6/conf/%s/disable_ipv6", endpoint->ifname);
    net_write_sysctl(name, endpoint->v6.family ? "0" : "1");
    if (endpoint->v4.family && net_link_add_address(net->container_link, index, &endpoint->v4))
        return fail(failure, STAGE_NETWORK, errno, "cannot add the IPv4 address to %s", endpoint->ifname);
    for (size_t i = 0; i < endpoint->link_local.count; i++) {
        struct net_address address;

        if (!net_address_parse(endpoint->link_local.items[i], &address) ||
            net_link_add_address(net->container_link, index, &address))
            return fail(failure, STAGE_NETWORK, errno, "cannot add the address %.60s to %s",
                        endpoint->link_local.items[i], endpoint->ifname);
    }
    if (endpoint->v6.family && net_link_add_address(net->container_link, index, &endpoint->v6))
        return fail(failure, STAGE_NETWORK, errno, "cannot add the IPv6 address to %s", endpoint->ifname);
    for (size_t i = 0; i < endpoint->sysctl.count; i++)
        if (net_endpoint_sysctl(endpoint, endpoint->sysctl.items[i], failure))
            return -1;
    if (net_link_up(net->container_link, index))
        return fail(failure, STAGE_NETWORK, errno, "cannot bring up %s", endpoint->ifname);
    if (endpoint->default4 && endpoint->gateway4.family &&
        net_link_add_default(net->container_link, index, &endpoint->gateway4))
        return fail(failure, STAGE_NETWORK, errno, "cannot set the default route over %s", endpoint->ifname);
    if (endpoint->default6 && endpoint->gateway6.family &&
        net_link_add_default(net->container_link, index, &endpoint->gateway6))
        return fail(failure, STAGE_NETWORK, errno, "cannot set the IPv6 default route over %s",
                    endpoint->ifname);
    return 0;
}

int net_endpoint_make(struct net *net, struct net_endpoint *endpoint, struct failure *failure)
{
    struct net_veth veth = {.host = endpoint->veth,
                            .peer = endpoint->ifname,
                            .bridge = net_link_index(endpoint->bridge),
                            .peer_ns = net->container_ns,
                            .mtu = endpoint->mtu,
                            .isolated = endpoint->isolated,
                            .hairpin = endpoint->hairpin};
    int result;

    memcpy(veth.mac, endpoint->mac, sizeof veth.mac);
    if (!veth.bridge)
        return fail(failure, STAGE_NETWORK, errno, "bridge %s of network %s cannot be found",
                    endpoint->bridge, endpoint->network_name);
    if (net_endpoint_record(net, endpoint, failure))
        return -1;
    endpoint->made = true;
    result = net_link_add_veth(net->host_link, &veth);
    /* A run of this container that was killed left it: the name is the container's alone. */
    if (result && errno == EEXIST && net_link_remove(net->host_link, endpoint->veth) == 0)
        result = net_link_add_veth(net->host_link, &veth);
    if (result)
        return fail(failure, STAGE_NETWORK, errno, "cannot make interface %s on network %s", endpoint->ifname,
                    endpoint->network_name);
    if (net_namespace_enter(net->container_ns))
        return fail(failure, STAGE_NETWORK, errno, "cannot enter the container's network namespace");
    result = net_endpoint_configure(net, endpoint, failure);
    net_namespace_return(net->host_ns);
    return result;
}

static bool net_endpoint_name_path(const struct net *net, const struct net_endpoint *endpoint, size_t index,
                                   char path[NET_RECORD_MAX])
{
    const char *name = endpoint->alias.items[index];
    size_t size;

    if (!net_record_name_folder(endpoint->network, name, strlen(name), path))
        return false;
    size = strlen(path);
    snprintf(path + size, NET_RECORD_MAX - size, "/%s", net->container);
    return true;
}

int net_endpoint_announce(struct net *net, const struct net_endpoint *endpoint, struct failure *failure)
{
    char path[NET_RECORD_MAX], target[NET_RECORD_MAX], v4[INET6_ADDRSTRLEN], v6[INET6_ADDRSTRLEN];

    snprintf(target, sizeof target, "%d %" PRIu64 " %s %s", (int)net->holder.pid, net->holder.start,
             net_address_text(&endpoint->v4, v4), net_address_text(&endpoint->v6, v6));
    for (size_t i = 0; i < endpoint->alias.count; i++)
        if (net_endpoint_name_path(net, endpoint, i, path) && net_record_write(net->root, path, target))
            return fail(failure, STAGE_NETWORK, errno, "cannot record the name %.200s",
                        endpoint->alias.items[i]);
    return 0;
}

void net_endpoint_withdraw(struct net *net, const struct net_endpoint *endpoint)
{
    char path[NET_RECORD_MAX];

    for (size_t i = 0; endpoint->made && i < endpoint->alias.count; i++)
        if (net_endpoint_name_path(net, endpoint, i, path))
            net_record_remove(net->root, path);
}

void net_endpoint_unmake(struct net *net, struct net_endpoint *endpoint)
{
    char path[NET_RECORD_MAX];

    if (!endpoint->made)
        return;
    net_endpoint_withdraw(net, endpoint);
    if (net_link_index(endpoint->veth))
        net_link_remove(net->host_link, endpoint->veth);
    snprintf(path, sizeof path, "%s/endpoint/%s", endpoint->network, net->container);
    net_record_remove(net->root, path);
    endpoint->made = false;
}

/* Whether one of the names has this path. */
static bool net_endpoint_has_path(const struct net *net, const struct net_endpoint *endpoint,
                                  const char *wanted)
{
    char path[NET_RECORD_MAX];

    for (size_t i = 0; i < endpoint->alias.count; i++)
        if (net_endpoint_name_path(net, endpoint, i, path) && strcmp(path, wanted) == 0)
            return true;
    return false;
}

/* The names that are in `old` alone. */
static void net_endpoint_forget_names(struct net *net, const struct net_endpoint *old,
                                      const struct net_endpoint *kept)
{
    char path[NET_RECORD_MAX];

    for (size_t i = 0; i < old->alias.count; i++)
        if (net_endpoint_name_path(net, old, i, path) && !net_endpoint_has_path(net, kept, path))
            net_record_remove(net->root, path);
}

static void net_endpoint_swap_names(struct net_endpoint *a, struct net_endpoint *b)
{
    const struct net_list alias = a->alias, link = a->link;

    a->alias = b->alias;
    a->link = b->link;
    b->alias = alias;
    b->link = link;
}

int net_endpoint_rename(struct net *net, struct net_endpoint *endpoint, struct net_endpoint *more,
                        struct failure *failure)
{
    struct failure ignored;

    net_endpoint_swap_names(endpoint, more);
    if (net_endpoint_claim(net, endpoint, failure) == 0 &&
        (!endpoint->made || (net_endpoint_record(net, endpoint, failure) == 0 &&
                             net_endpoint_announce(net, endpoint, failure) == 0))) {
        if (endpoint->made)
            net_endpoint_forget_names(net, more, endpoint);
        return 0;
    }
    net_endpoint_swap_names(endpoint, more);
    if (endpoint->made) {
        net_endpoint_forget_names(net, more, endpoint);
        net_endpoint_record(net, endpoint, &ignored);
    }
    net_endpoint_claim(net, endpoint, &ignored);
    return -1;
}
