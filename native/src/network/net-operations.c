#include "net-operations.h"
#include "cleanup.h"
#include "json.h"
#include "net-link.h"
#include "net-record.h"
#include "net-routes.h"
#include "net-sweep.h"
#include "netlink.h"
#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int operation_failed(const struct request *request, int reply, const struct failure *failure)
{
    json_write_failure(reply, request->id, failure);
    return 1;
}

int operation_done(const struct request *request, int reply, const char *key, int64_t value)
{
    struct json json = {0};

    json_reply_begin(&json, request->id);
    json_integer(&json, key, value);
    json_object_end(&json);
    json_write_line(&json, reply);
    json_free(&json);
    return 0;
}

int operation_routes(const struct request *request, int reply)
{
    struct failure failure;
    struct json json = {0};

    json_reply_begin(&json, request->id);
    if (net_routes_list(&json)) {
        fail(&failure, STAGE_NETWORK, errno, "cannot read the host's routes");
        return operation_failed(request, reply, &failure);
    }
    json_object_end(&json);
    json_write_line(&json, reply);
    json_free(&json);
    return 0;
}

static int bridge_sysctl(const char *name, const char *family, const char *key, const char *value)
{
    char path[128];
    CLEANUP_FD int fd = -1;

    snprintf(path, sizeof path, "/proc/sys/net/%s/conf/%s/%s", family, name, key);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd < 0 || write(fd, value, strlen(value)) < 0 ? -1 : 0;
}

static int bridge_add_addresses(int link, const struct request *request, unsigned index,
                                struct failure *failure)
{
    for (size_t i = 0; i < request->count; i++) {
        struct net_address address;
        const char *text = request->pairs[i].value;

        if (strcmp(request->pairs[i].key, "address") != 0)
            continue;
        if (!net_address_parse(text, &address))
            return fail(failure, STAGE_REQUEST, EINVAL, "address: \"%.60s\" is not valid", text);
        if (net_link_add_address(link, index, &address) && errno != EEXIST)
            return fail(failure, STAGE_NETWORK, errno, "cannot add %.60s to the bridge", text);
    }
    return 0;
}

static int bridge_configure(int link, const struct request *request, const char *name,
                            struct failure *failure)
{
    const char *ipv6 = proto_get(request, "ipv6"), *localnet = proto_get(request, "route_localnet");
    unsigned index = net_link_index(name);
    bool with_ipv6 = ipv6 && *ipv6 == '1';

    /* The bridge's address is for its containers: it neither hears of routers nor makes up addresses. */
    bridge_sysctl(name, "ipv6", "accept_ra", "0");
    bridge_sysctl(name, "ipv6", "disable_ipv6", with_ipv6 ? "0" : "1");
    if (localnet && *localnet == '1' && bridge_sysctl(name, "ipv4", "route_localnet", "1"))
        return fail(failure, STAGE_NETWORK, errno, "cannot set route_localnet of bridge %s", name);
    if (bridge_add_addresses(link, request, index, failure))
        return -1;
    if (net_link_up(link, index))
        return fail(failure, STAGE_NETWORK, errno, "cannot bring up bridge %s", name);
    return 0;
}

static int bridge_make(const struct request *request, int64_t *created, struct failure *failure)
{
    static const char *const keys[] = {"name", "mac", "mtu", "address", "ipv6", "route_localnet", NULL};
    struct net_bridge bridge = {0};
    const char *mac, *mtu = proto_get(request, "mtu");
    int64_t number = 0;
    CLEANUP_FD int link = netlink_open(NETLINK_ROUTE);

    if (link < 0)
        return fail(failure, STAGE_NETWORK, errno, "cannot open netlink");
    if (proto_check_keys(request, keys, failure) || proto_require(request, "name", &bridge.name, failure) ||
        proto_require(request, "mac", &mac, failure) ||
        (mtu && proto_integer("mtu", mtu, 0, 65535, &number, failure)))
        return -1;
    if (!net_mac_parse(mac, bridge.mac))
        return fail(failure, STAGE_REQUEST, EINVAL, "mac: \"%.60s\" is not valid", mac);
    bridge.mtu = (uint32_t)number;
    *created = net_link_add_bridge(link, &bridge) == 0;
    if (!*created && errno != EEXIST)
        return fail(failure, STAGE_NETWORK, errno, "cannot make bridge %s", bridge.name);
    if (bridge_configure(link, request, bridge.name, failure) == 0)
        return 0;
    if (*created)
        net_link_remove(link, bridge.name);
    return -1;
}

int operation_bridge_create(const struct request *request, int reply)
{
    struct failure failure;
    int64_t created = 0;

    if (bridge_make(request, &created, &failure))
        return operation_failed(request, reply, &failure);
    return operation_done(request, reply, "created", created);
}

static _Noreturn void link_remove_here(const char *name)
{
    CLEANUP_FD int link = netlink_open(NETLINK_ROUTE);

    _exit(link < 0 || net_link_remove(link, name) ? errno : 0);
}

/* Interface, addresses and routes are gone long before the kernel has waited for all processors to have seen
 * it: a process of its own stays with that. */
static int link_remove(const char *name)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    int status = 0;
    pid_t pid;

    if (!net_link_index(name)) {
        errno = ENODEV;
        return -1;
    }
    pid = fork();
    if (pid < 0)
        return -1;
    if (pid == 0)
        link_remove_here(name);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (!net_link_index(name))
            return 0;
        nanosleep(&pause, NULL);
    }
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
    return errno ? -1 : 0;
}

static int links_remove(const struct request *request, int64_t *removed, struct failure *failure)
{
    static const char *const keys[] = {"name", NULL};

    *removed = 0;
    if (proto_check_keys(request, keys, failure))
        return -1;
    for (size_t i = 0; i < request->count; i++) {
        if (link_remove(request->pairs[i].value) == 0)
            ++*removed;
        else if (errno != ENODEV)
            return fail(failure, STAGE_NETWORK, errno, "cannot remove interface %.20s",
                        request->pairs[i].value);
    }
    return 0;
}

int operation_link_remove(const struct request *request, int reply)
{
    struct failure failure;
    int64_t removed = 0;

    if (links_remove(request, &removed, &failure))
        return operation_failed(request, reply, &failure);
    return operation_done(request, reply, "removed", removed);
}

int operation_net_sweep(const struct request *request, int reply)
{
    static const char *const keys[] = {"root", "table", NULL};
    struct failure failure;
    const char *root;
    int removed;

    if (proto_check_keys(request, keys, &failure) || proto_require(request, "root", &root, &failure) ||
        (removed = net_sweep(root, proto_get(request, "table"), &failure)) < 0)
        return operation_failed(request, reply, &failure);
    return operation_done(request, reply, "removed", removed);
}
