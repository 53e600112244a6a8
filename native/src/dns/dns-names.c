#include "dns-names.h"

#include "cleanup.h"
#include "net-record.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct search {
    int folder;
    int family;
    struct dns_names *names;
};

static void dns_names_add(struct search *search, const char *text)
{
    struct net_address address;

    if (net_address_parse(text, &address) && (search->family == 0 || address.family == search->family) &&
        search->names->count < DNS_MAX_ADDRESSES)
        search->names->addresses[search->names->count++] = address;
}

static void dns_names_visit(const char *container, void *context)
{
    struct search *search = context;
    char rest[NET_RECORD_MAX], v4[INET6_ADDRSTRLEN], v6[INET6_ADDRSTRLEN];
    struct net_holder holder;

    if (!net_record_read(search->folder, container, &holder, rest) || !net_holder_alive(&holder) ||
        sscanf(rest, "%45s %45s", v4, v6) != 2)
        return;
    search->names->known = true;
    dns_names_add(search, v4);
    dns_names_add(search, v6);
}

static void dns_names_ask(int root, const char *network, const char *name, size_t size, int family,
                          struct dns_names *names)
{
    char path[NET_RECORD_MAX];
    struct search search = {.family = family, .names = names};
    CLEANUP_FD int folder = -1;

    if (!net_record_name_folder(network, name, size, path))
        return;
    folder = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return;
    search.folder = folder;
    net_record_list(folder, ".", dns_names_visit, &search);
}

/* `ALIAS NAME` */
static const char *dns_names_linked(const struct net_endpoint *endpoint, const char *name, size_t size)
{
    for (size_t i = 0; i < endpoint->link.count; i++) {
        const char *link = endpoint->link.items[i];
        const char *space = strchr(link, ' ');

        if (space && (size_t)(space - link) == size && strncasecmp(link, name, size) == 0)
            return space + 1;
    }
    return NULL;
}

static void dns_names_ask_endpoint(int root, const struct net_endpoint *endpoint, const char *name,
                                   size_t size, int family, struct dns_names *names)
{
    const char *linked = dns_names_linked(endpoint, name, size);

    if (linked)
        dns_names_ask(root, endpoint->network, linked, strlen(linked), family, names);
    if (!names->known)
        dns_names_ask(root, endpoint->network, name, size, family, names);
}

/* The size of NAME in `NAME.NETWORK`, 0 when it ends otherwise. */
static size_t dns_names_without_network(const struct net_endpoint *endpoint, const char *name)
{
    size_t size = strlen(name), suffix = strlen(endpoint->network_name);

    if (size < suffix + 2 || name[size - suffix - 1] != '.' ||
        strcasecmp(name + size - suffix, endpoint->network_name) != 0)
        return 0;
    return size - suffix - 1;
}

void dns_names_find(int root, const struct net_spec *spec, const char *name, int family,
                    struct dns_names *names)
{
    names->known = false;
    names->count = 0;
    for (size_t i = 0; i < spec->endpoint_count && !names->known; i++)
        dns_names_ask_endpoint(root, spec->endpoints[i], name, strlen(name), family, names);
    for (size_t i = 0; i < spec->endpoint_count && !names->known; i++) {
        size_t size = dns_names_without_network(spec->endpoints[i], name);

        if (size)
            dns_names_ask_endpoint(root, spec->endpoints[i], name, size, family, names);
    }
}

bool dns_names_reverse(int root, const struct net_spec *spec, const struct net_address *address,
                       char name[NET_NAME_MAX])
{
    char path[NET_RECORD_MAX], rest[NET_RECORD_MAX], text[INET6_ADDRSTRLEN], first[256];
    struct net_holder holder;

    for (size_t i = 0; i < spec->endpoint_count; i++) {
        snprintf(path, sizeof path, "%s/ip/%s", spec->endpoints[i]->network, net_address_text(address, text));
        if (!net_record_read(root, path, &holder, rest) || !net_holder_alive(&holder) ||
            sscanf(rest, "%*s %255s", first) != 1)
            continue;
        return snprintf(name, NET_NAME_MAX, "%s.%s", first, spec->endpoints[i]->network_name) < NET_NAME_MAX;
    }
    return false;
}
