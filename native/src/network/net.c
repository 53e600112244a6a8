#include "net-internal.h"

#include "memory.h"
#include "net-namespace.h"
#include "netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct net *net_parse(const struct container_spec *spec, struct failure *failure)
{
    struct net *net = memory_allocate(1, sizeof *net);

    net->root = net->host_ns = net->container_ns = net->host_link = net->container_link = -1;
    net->private_ns = spec->ns_net.mode == NAMESPACE_NEW;
    if (net_spec_parse(spec->network, spec->network_count, &net->spec, failure)) {
        free(net);
        return NULL;
    }
    snprintf(net->container, sizeof net->container, "%s", spec->id ? spec->id : "");
    if (!net->private_ns && (net->spec.endpoint_count || net->spec.publish_count)) {
        fail(failure, STAGE_REQUEST, EINVAL, "net.endpoint needs a network namespace of the container's own");
        net_free(net);
        return NULL;
    }
    return net;
}

static void net_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int net_reserve(struct net *net, struct failure *failure)
{
    if (!net->private_ns || !net->spec.root)
        return 0;
    net->holder.pid = getpid();
    net->holder.start = net_holder_start(net->holder.pid);
    net->root = open(net->spec.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (net->root < 0)
        return fail(failure, STAGE_NETWORK, errno, "cannot open %.200s", net->spec.root);
    net->loop = net_loop_new();
    if (!net->loop)
        return fail(failure, STAGE_NETWORK, errno, "cannot make an epoll instance");
    net->reserved = true;
    for (size_t i = 0; i < net->spec.endpoint_count; i++)
        if (net_endpoint_claim(net, net->spec.endpoints[i], failure))
            return -1;
    for (size_t i = 0; i < net->spec.publish_count; i++)
        if (net_port_hold(net->spec.publishes[i], failure))
            return -1;
    return 0;
}

static int net_open_namespaces(struct net *net, pid_t pid, struct failure *failure)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
    net->container_ns = open(path, O_RDONLY | O_CLOEXEC);
    if (net->host_ns < 0)
        net->host_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (net->host_link < 0)
        net->host_link = netlink_open(NETLINK_ROUTE);
    if (net->container_ns < 0 || net->host_ns < 0 || net->host_link < 0)
        return fail(failure, STAGE_NETWORK, errno, "cannot open the network namespace");
    if (net_namespace_enter(net->container_ns))
        return fail(failure, STAGE_NETWORK, errno, "cannot enter the container's network namespace");
    net->container_link = netlink_open(NETLINK_ROUTE);
    if (net->container_link < 0 || net_link_up(net->container_link, 1))
        fail(failure, STAGE_NETWORK, errno, "cannot bring up the loopback interface");
    else
        failure = NULL;
    net_namespace_return(net->host_ns);
    return failure ? -1 : 0;
}

/* As Docker: a container's own namespace needs no privilege for low ports and ping. */
static void net_set_defaults(void)
{
    static const char *const values[][2] = {
        {"/proc/sys/net/ipv4/ip_unprivileged_port_start", "0"},
        {"/proc/sys/net/ipv4/ping_group_range", "0 2147483647"},
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        int fd = open(values[i][0], O_WRONLY | O_CLOEXEC);

        if (fd < 0)
            continue;
        if (write(fd, values[i][1], strlen(values[i][1])) < 0)
            errno = 0; /* an old kernel: the container sees it in its own /proc */
        close(fd);
    }
}

static int net_start_resolver(struct net *net, struct failure *failure)
{
    struct dns_context context = {.loop = net->loop,
                                  .spec = &net->spec,
                                  .root = net->root,
                                  .host_ns = net->host_ns,
                                  .container_ns = net->container_ns};

    if (net_namespace_enter(net->container_ns))
        return fail(failure, STAGE_NETWORK, errno, "cannot enter the container's network namespace");
    net_set_defaults();
    if (net->spec.listen.family && net->loop)
        net->dns = dns_server_start(&context);
    net_namespace_return(net->host_ns);
    if (net->spec.listen.family && net->loop && !net->dns)
        return fail(failure, STAGE_NETWORK, errno, "cannot start the resolver in the container");
    return 0;
}

static int net_make(struct net *net, pid_t pid, struct failure *failure)
{
    if (net_open_namespaces(net, pid, failure))
        return -1;
    for (size_t i = 0; i < net->spec.endpoint_count; i++)
        if (net_endpoint_make(net, net->spec.endpoints[i], failure))
            return -1;
    if (net_start_resolver(net, failure) || net_publish_all(net, failure))
        return -1;
    for (size_t i = 0; i < net->spec.endpoint_count; i++)
        if (net_endpoint_announce(net, net->spec.endpoints[i], failure))
            return -1;
    return 0;
}

/* At the end of its last process the kernel removes the container's namespace, and with it both ends of its
 * interfaces: those of all containers that end at the same time in one go, while removing each by itself
 * means waiting for all processors each time. Not when somebody else is in the namespace: then the wait is in
 * vain. */
static void net_await_end(const struct net *net)
{
    const struct timespec pause = {.tv_nsec = 2000000};

    for (int round = 0; round < 50; round++) {
        bool left = false;

        for (size_t i = 0; i < net->spec.endpoint_count && !left; i++)
            left = net->spec.endpoints[i]->made && net_link_index(net->spec.endpoints[i]->veth);
        if (!left)
            return;
        nanosleep(&pause, NULL);
    }
}

/* `ended`: no process of the container is left. */
static void net_undo(struct net *net, bool ended)
{
    for (size_t i = 0; i < net->spec.endpoint_count; i++)
        net_endpoint_withdraw(net, net->spec.endpoints[i]);
    dns_server_stop(net->dns);
    net->dns = NULL;
    net_close(&net->container_link);
    net_close(&net->container_ns);
    net_unpublish_all(net);
    if (ended)
        net_await_end(net);
    for (size_t i = 0; i < net->spec.endpoint_count; i++)
        net_endpoint_unmake(net, net->spec.endpoints[i]);
}

int net_setup(void *context, pid_t pid, struct failure *failure)
{
    struct net *net = context;

    if (!net->private_ns || net_make(net, pid, failure) == 0)
        return 0;
    net_undo(net, false);
    return -1;
}

void net_teardown(struct net *net)
{
    net_undo(net, true);
}

void net_free(struct net *net)
{
    if (!net)
        return;
    net_teardown(net);
    for (size_t i = 0; net->reserved && i < net->spec.endpoint_count; i++)
        net_endpoint_unclaim(net, net->spec.endpoints[i]);
    for (size_t i = 0; i < net->spec.publish_count; i++)
        net_port_drop(net->spec.publishes[i]);
    net_loop_free(net->loop);
    net_close(&net->root);
    net_close(&net->host_link);
    net_close(&net->host_ns);
    net_spec_free(&net->spec);
    free(net);
}

int net_fd(const struct net *net)
{
    return net->loop ? net_loop_fd(net->loop) : -1;
}

void net_dispatch(struct net *net)
{
    if (net->loop)
        net_loop_dispatch(net->loop);
}
