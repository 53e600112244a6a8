#include "net-internal.h"

#include "memory.h"
#include "net-namespace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct net_endpoint *net_find_endpoint(const struct net *net, const char *network, size_t *index)
{
    for (*index = 0; *index < net->spec.endpoint_count; ++*index)
        if (strcmp(net->spec.endpoints[*index]->network, network) == 0)
            return net->spec.endpoints[*index];
    return NULL;
}

static void net_remove_endpoint(struct net *net, size_t index)
{
    struct net_spec *spec = &net->spec;

    net_endpoint_free(spec->endpoints[index]);
    spec->endpoint_count--;
    memmove(&spec->endpoints[index], &spec->endpoints[index + 1],
            (spec->endpoint_count - index) * sizeof spec->endpoints[0]);
}

/* The default routes follow net.default: over the endpoint that wants them most (the orchestrator's word),
 * else over the first that could have them. */
static void net_choose_routes(struct net *net, const struct net_endpoint *wanted)
{
    const struct net_endpoint *v4 = NULL, *v6 = NULL;

    for (size_t i = 0; i < net->spec.endpoint_count; i++) {
        struct net_endpoint *endpoint = net->spec.endpoints[i];

        if (wanted && endpoint != wanted) {
            endpoint->default4 = endpoint->default4 && !wanted->default4;
            endpoint->default6 = endpoint->default6 && !wanted->default6;
        }
        if (endpoint->gateway4.family && !endpoint->internal && (!v4 || endpoint->default4))
            v4 = v4 && v4->default4 ? v4 : endpoint;
        if (endpoint->gateway6.family && !endpoint->internal && (!v6 || endpoint->default6))
            v6 = v6 && v6->default6 ? v6 : endpoint;
    }
    if (net_namespace_enter(net->container_ns))
        return;
    if (v4)
        net_link_add_default(net->container_link, net_link_index(v4->ifname), &v4->gateway4);
    if (v6)
        net_link_add_default(net->container_link, net_link_index(v6->ifname), &v6->gateway6);
    net_namespace_return(net->host_ns);
}

static int net_connect_made(struct net *net, struct net_endpoint *endpoint, struct failure *failure)
{
    if (net_endpoint_claim(net, endpoint, failure) || net_endpoint_make(net, endpoint, failure))
        return -1;
    if (net_publish_all(net, failure) || net_endpoint_announce(net, endpoint, failure))
        return -1;
    net_choose_routes(net, endpoint);
    return 0;
}

static int net_connect(struct net *net, struct net_spec *more, struct failure *failure)
{
    struct net_spec *spec = &net->spec;
    struct net_endpoint *endpoint;
    struct failure ignored;
    size_t index;

    if (more->endpoint_count != 1)
        return fail(failure, STAGE_REQUEST, EINVAL, "net_connect takes one net.endpoint");
    endpoint = more->endpoints[0];
    if (net_find_endpoint(net, endpoint->network, &index))
        return fail(failure, STAGE_NETWORK, EEXIST, "the container is on network %s already",
                    endpoint->network_name);
    more->endpoint_count = 0;
    spec->endpoints = memory_resize(spec->endpoints, spec->endpoint_count + 1, sizeof(struct net_endpoint *));
    spec->endpoints[spec->endpoint_count++] = endpoint;
    if (net->container_ns < 0) /* between two runs: the next one makes it */
        return net_endpoint_claim(net, endpoint, failure);
    if (net_connect_made(net, endpoint, failure) == 0)
        return 0;
    net_endpoint_unmake(net, endpoint);
    net_endpoint_unclaim(net, endpoint);
    net_remove_endpoint(net, spec->endpoint_count - 1);
    net_publish_all(net, &ignored);
    return -1;
}

static int net_disconnect(struct net *net, struct net_spec *more, struct failure *failure)
{
    struct net_endpoint *endpoint;
    size_t index;

    if (more->endpoint_count != 1)
        return fail(failure, STAGE_REQUEST, EINVAL, "net_disconnect takes one net.endpoint");
    endpoint = net_find_endpoint(net, more->endpoints[0]->network, &index);
    if (!endpoint)
        return fail(failure, STAGE_NETWORK, ENOENT, "the container is not on network %.64s",
                    more->endpoints[0]->network);
    net_endpoint_unmake(net, endpoint);
    net_endpoint_unclaim(net, endpoint);
    net_remove_endpoint(net, index);
    if (net->container_ns < 0)
        return 0;
    net_choose_routes(net, NULL);
    return net_publish_all(net, failure);
}

/* All endpoints are looked up before one is changed. */
static int net_rename(struct net *net, struct net_spec *more, struct failure *failure)
{
    size_t index;

    for (size_t i = 0; i < more->endpoint_count; i++)
        if (!net_find_endpoint(net, more->endpoints[i]->network, &index))
            return fail(failure, STAGE_NETWORK, ENOENT, "the container is not on network %.64s",
                        more->endpoints[i]->network);
    for (size_t i = 0; i < more->endpoint_count; i++)
        if (net_endpoint_rename(net, net_find_endpoint(net, more->endpoints[i]->network, &index),
                                more->endpoints[i], failure))
            return -1;
    return 0;
}

typedef int net_change(struct net *net, struct net_spec *more, struct failure *failure);
typedef int net_parser(const struct proto_pair *pairs, size_t count, struct net_spec *spec,
                       struct failure *failure);

int net_control(struct net *net, const struct request *request, struct failure *failure)
{
    static const struct {
        const char *op;
        net_parser *parse;
        net_change *change;
    } changes[] = {
        {"net_connect", net_spec_parse, net_connect},
        {"net_disconnect", net_spec_parse_change, net_disconnect},
        {"net_names", net_spec_parse_change, net_rename},
        {"net_publish", net_spec_parse_change, net_republish},
    };
    size_t index = 0;
    struct net_spec more;
    int result;

    if (!net->private_ns || !net->reserved)
        return fail(failure, STAGE_NETWORK, EOPNOTSUPP, "the container's network is not one of its own");
    while (strcmp(changes[index].op, request->op) != 0)
        index++;
    if (changes[index].parse(request->pairs, request->count, &more, failure))
        return -1;
    result = changes[index].change(net, &more, failure);
    net_spec_free(&more);
    return result;
}
