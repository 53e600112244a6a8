#include "net-internal.h"

#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct nft_element *net_all_elements(const struct net *net, size_t *count)
{
    struct nft_element *elements = memory_allocate(net->spec.publish_count * 2, sizeof *elements);

    *count = 0;
    for (size_t i = 0; i < net->spec.publish_count; i++)
        *count += net_port_elements(&net->spec.publishes[i], &net->target, elements + *count);
    return elements;
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

int net_publish_all(struct net *net, struct failure *failure)
{
    struct nft_element *elements;
    size_t count;
    int error = 0;

    net_find_target(net);
    if (net->spec.publish_count == 0 || (!net->target.v4.family && !net->target.v6.family))
        return 0;
    net->relays = memory_allocate(net->spec.publish_count, sizeof(struct net_relay *));
    for (size_t i = 0; i < net->spec.publish_count; i++) {
        const struct net_publish *publish = &net->spec.publishes[i];

        if (net_port_record(net->root, net->container, i, &net->holder, publish, &net->target))
            return fail(failure, STAGE_NETWORK, errno, "cannot record the published port %u", publish->port);
        net->relays[i] = net_relay_start(net->loop, publish, &net->target);
        if (!net->relays[i])
            return fail(failure, STAGE_NETWORK, errno, "cannot relay the published port %u", publish->port);
    }
    elements = net_all_elements(net, &count);
    /* Without the table (somebody flushed it) the relays do all of it, until a command makes the table again.
     */
    if (nft_add_elements(net->spec.table, elements, count) && errno != ENOENT)
        error = errno;
    free(elements);
    if (error)
        return fail(failure, STAGE_NETWORK, error, "cannot publish the ports in nftables table inet %.60s",
                    net->spec.table);
    return 0;
}

void net_unpublish_all(struct net *net)
{
    struct nft_element *elements;
    size_t count;

    if (!net->relays)
        return;
    elements = net_all_elements(net, &count);
    nft_remove_elements(net->spec.table, elements, count);
    free(elements);
    for (size_t i = 0; i < net->spec.publish_count; i++) {
        net_relay_stop(net->relays[i]);
        net_port_forget(net->root, net->container, i);
    }
    free(net->relays);
    net->relays = NULL;
}
