#include "net-internal.h"

#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int net_compare_elements(const void *a, const void *b)
{
    return strcmp(((const struct nft_element *)a)->set, ((const struct nft_element *)b)->set);
}

/* The elements that lead the ports to net->target, those of one set behind each other. */
static struct nft_elements net_wanted_elements(const struct net *net)
{
    struct nft_elements wanted = {.items =
                                      memory_allocate(net->spec.publish_count * 2 + 1, sizeof *wanted.items)};

    for (size_t i = 0; i < net->spec.publish_count; i++)
        wanted.count += net_port_elements(net->spec.publishes[i], &net->target, wanted.items + wanted.count);
    qsort(wanted.items, wanted.count, sizeof *wanted.items, net_compare_elements);
    return wanted;
}

static bool net_has_element(const struct nft_elements *elements, const struct nft_element *element)
{
    for (size_t i = 0; i < elements->count; i++) {
        const struct nft_element *item = &elements->items[i];

        if (strcmp(item->set, element->set) == 0 && item->key_size == element->key_size &&
            memcmp(item->key, element->key, element->key_size) == 0 &&
            item->data_size == element->data_size &&
            memcmp(item->data, element->data, element->data_size) == 0)
            return true;
    }
    return false;
}

/* Those of `all` that are not in `others`. */
static struct nft_elements net_other_elements(const struct nft_elements *all,
                                              const struct nft_elements *others)
{
    struct nft_elements rest = {.items = memory_allocate(all->count + 1, sizeof *rest.items)};

    for (size_t i = 0; i < all->count; i++)
        if (others->count == 0 || !net_has_element(others, &all->items[i]))
            rest.items[rest.count++] = all->items[i];
    return rest;
}

/* The addresses that ports lead to: those of the first endpoint that is not internal. */
static void net_find_target(struct net *net)
{
    memset(&net->target, 0, sizeof net->target);
    for (size_t i = 0; i < net->spec.endpoint_count; i++) {
        const struct net_endpoint *endpoint = net->spec.endpoints[i];

        if (endpoint->internal || !endpoint->made)
            continue;
        if (!net->target.v4.family)
            net->target.v4 = endpoint->v4;
        if (!net->target.v6.family)
            net->target.v6 = endpoint->v6;
    }
}

/* A port keeps the number of its record: what a record tells of is gone before another takes its place. */
static int net_record_ports(struct net *net, struct failure *failure)
{
    for (size_t i = 0; i < net->spec.publish_count; i++) {
        struct net_publish *publish = net->spec.publishes[i];

        if (!publish->record)
            publish->record = ++net->last_record;
        if (net_port_record(net->root, net->container, publish->record - 1, &net->holder, publish,
                            &net->target))
            return fail(failure, STAGE_NETWORK, errno, "cannot record the published port %u", publish->port);
        if (!publish->relay)
            publish->relay = net_relay_start(net->loop, publish, &net->target);
        if (!publish->relay)
            return fail(failure, STAGE_NETWORK, errno, "cannot relay the published port %u", publish->port);
    }
    return 0;
}

static int net_replace_elements(struct net *net, struct failure *failure)
{
    struct nft_elements wanted = net_wanted_elements(net);
    struct nft_elements old = net_other_elements(&net->elements, &wanted);
    struct nft_elements new = net_other_elements(&wanted, &net->elements);
    /* Without the table (somebody flushed it) the relays do all of it, until a command makes the table again.
     */
    int error = nft_replace_elements(net->spec.table, &old, &new) && errno != ENOENT ? errno : 0;

    free(old.items);
    free(new.items);
    free(net->elements.items);
    net->elements = wanted;
    if (error)
        return fail(failure, STAGE_NETWORK, error, "cannot publish the ports in nftables table inet %.60s",
                    net->spec.table);
    return 0;
}

/* A container reaches its own port through the host: where the kernel filters bridged packets, they go back
 * out of the bridge port they came from. */
static void net_open_hairpins(struct net *net)
{
    for (size_t i = 0; i < net->spec.endpoint_count; i++) {
        struct net_endpoint *endpoint = net->spec.endpoints[i];

        if (endpoint->made && !endpoint->internal && !endpoint->hairpin)
            endpoint->hairpin = net_link_set_hairpin(net->host_link, endpoint->veth) == 0;
    }
}

int net_publish_all(struct net *net, struct failure *failure)
{
    struct net_target before = net->target;

    net_find_target(net);
    if (!net->target.v4.family && !net->target.v6.family) {
        net->target = before; /* what is in the table leads there */
        net_unpublish_all(net);
        return 0;
    }
    if (net->spec.publish_count)
        net_open_hairpins(net);
    if (net_record_ports(net, failure))
        return -1;
    return net->spec.table ? net_replace_elements(net, failure) : 0;
}

static void net_unpublish(struct net *net, struct net_publish *publish)
{
    net_relay_stop(publish->relay);
    publish->relay = NULL;
    if (publish->record)
        net_port_forget(net->root, net->container, publish->record - 1);
    publish->record = 0;
}

void net_unpublish_all(struct net *net)
{
    if (net->elements.count)
        nft_remove_elements(net->spec.table, net->elements.items, net->elements.count);
    free(net->elements.items);
    net->elements = (struct nft_elements){0};
    for (size_t i = 0; i < net->spec.publish_count; i++)
        net_unpublish(net, net->spec.publishes[i]);
}

/* --- other ports while the container runs */

/* Whether the socket that `old` holds is one that `wish` asks for. */
static bool net_same_place(const struct net_publish *old, const struct net_publish *wish)
{
    bool chosen = wish->first == 0;

    return old->protocol == wish->protocol && old->host.family == wish->host.family &&
           memcmp(old->host.bytes, wish->host.bytes, sizeof old->host.bytes) == 0 &&
           chosen == (old->first == 0) && (chosen || (old->port >= wish->first && old->port <= wish->last));
}

/* For every wish the port that is held already, or NULL. `kept` tells of each of the old whether it stays. */
static struct net_publish **net_match_ports(const struct net *net, const struct net_spec *more, bool *kept)
{
    struct net_publish **matched = memory_allocate(more->publish_count + 1, sizeof *matched);

    for (int exact = 1; exact >= 0; exact--) {
        for (size_t i = 0; i < more->publish_count; i++) {
            for (size_t j = 0; j < net->spec.publish_count && !matched[i]; j++) {
                struct net_publish *old = net->spec.publishes[j];

                if (kept[j] || !net_same_place(old, more->publishes[i]) ||
                    (exact && old->target != more->publishes[i]->target))
                    continue;
                kept[j] = true;
                matched[i] = old;
            }
        }
    }
    return matched;
}

/* The sockets of the new ones; those of the old that go may be in the way, so they are closed before. */
static int net_exchange_sockets(struct net *net, struct net_spec *more, struct net_publish *const *matched,
                                const bool *kept, struct failure *failure)
{
    struct net_spec *spec = &net->spec;
    struct failure ignored;
    size_t held = 0;

    for (size_t j = 0; j < spec->publish_count; j++) {
        if (kept[j])
            continue;
        net_relay_stop(spec->publishes[j]->relay);
        spec->publishes[j]->relay = NULL;
        net_port_drop(spec->publishes[j]);
    }
    while (held < more->publish_count &&
           (matched[held] || net_port_hold(more->publishes[held], failure) == 0))
        held++;
    if (held == more->publish_count)
        return 0;
    while (held-- > 0)
        net_port_drop(more->publishes[held]);
    for (size_t j = 0; j < spec->publish_count; j++)
        if (!kept[j])
            net_port_hold_again(spec->publishes[j], &ignored);
    if (net->container_ns >= 0)
        net_record_ports(net, &ignored);
    return -1;
}

int net_republish(struct net *net, struct net_spec *more, struct failure *failure)
{
    struct net_spec *spec = &net->spec;
    bool *kept = memory_allocate(spec->publish_count + 1, sizeof *kept);
    struct net_publish **matched = net_match_ports(net, more, kept), **old = spec->publishes;
    size_t old_count = spec->publish_count;
    int result = more->publish_count && !spec->table
                     ? fail(failure, STAGE_REQUEST, EINVAL, "key net.table was missing at the start")
                     : net_exchange_sockets(net, more, matched, kept, failure);

    if (result == 0) {
        for (size_t i = 0; i < more->publish_count; i++) {
            if (!matched[i])
                continue;
            matched[i]->first = more->publishes[i]->first;
            matched[i]->last = more->publishes[i]->last;
            matched[i]->target = more->publishes[i]->target;
            free(more->publishes[i]);
            more->publishes[i] = matched[i];
        }
        spec->publishes = more->publishes;
        spec->publish_count = more->publish_count;
        more->publishes = NULL;
        more->publish_count = 0;
        if (net->container_ns >= 0)
            result = net_publish_all(net, failure);
        for (size_t j = 0; j < old_count; j++) {
            if (kept[j])
                continue;
            net_unpublish(net, old[j]);
            free(old[j]);
        }
        free(old);
    }
    free(matched);
    free(kept);
    return result;
}
