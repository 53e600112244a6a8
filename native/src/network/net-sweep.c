#include "net-sweep.h"

#include "cleanup.h"
#include "net-nft.h"
#include "net-port.h"
#include "net-record.h"
#include "netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

struct sweep {
    int root, link;
    const char *table;
    char folder[NET_RECORD_MAX]; /* relative to root */
    void (*undo)(struct sweep *sweep, const char *rest);
    int removed;
};

static void sweep_visit(const char *name, void *context)
{
    struct sweep *sweep = context;
    char path[NET_RECORD_MAX], rest[NET_RECORD_MAX];
    struct net_holder holder;

    if (snprintf(path, sizeof path, "%s/%s", sweep->folder, name) >= (int)sizeof path ||
        !net_record_read(sweep->root, path, &holder, rest) || net_holder_alive(&holder))
        return;
    if (sweep->undo)
        sweep->undo(sweep, rest);
    if (net_record_remove(sweep->root, path) == 0)
        sweep->removed++;
}

static void sweep_folder(struct sweep *sweep, const char *folder, void (*undo)(struct sweep *, const char *))
{
    if (snprintf(sweep->folder, sizeof sweep->folder, "%s", folder) >= (int)sizeof sweep->folder)
        return;
    sweep->undo = undo;
    net_record_list(sweep->root, folder, sweep_visit, sweep);
}

/* `BRIDGE VETH …` */
static void sweep_interface(struct sweep *sweep, const char *rest)
{
    char veth[IFNAMSIZ];

    if (sscanf(rest, "%*s %15s", veth) == 1)
        net_link_remove(sweep->link, veth);
}

static void sweep_port(struct sweep *sweep, const char *rest)
{
    struct nft_element elements[2];
    size_t count = net_port_parse(rest, elements);

    if (sweep->table)
        nft_remove_elements(sweep->table, elements, count);
}

/* A folder in a folder: `name/NAME/CONTAINER`, `port/CONTAINER/INDEX`. */
struct descent {
    struct sweep *sweep;
    const char *folder;
    void (*undo)(struct sweep *, const char *);
};

static void sweep_descend(const char *name, void *context)
{
    struct descent *descent = context;
    char folder[NET_RECORD_MAX];

    if (snprintf(folder, sizeof folder, "%s/%s", descent->folder, name) < (int)sizeof folder)
        sweep_folder(descent->sweep, folder, descent->undo);
}

static void sweep_network(const char *network, void *context)
{
    struct sweep *sweep = context;
    char folder[NET_RECORD_MAX];
    struct descent names = {sweep, folder, NULL};

    if (strlen(network) != NET_ID_SIZE)
        return;
    snprintf(folder, sizeof folder, "%.64s/endpoint", network);
    sweep_folder(sweep, folder, sweep_interface);
    snprintf(folder, sizeof folder, "%.64s/name", network);
    net_record_list(sweep->root, folder, sweep_descend, &names);
    snprintf(folder, sizeof folder, "%.64s/ip", network);
    sweep_folder(sweep, folder, NULL);
}

int net_sweep(const char *root, const char *table, struct failure *failure)
{
    CLEANUP_FD int folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_FD int link = netlink_open(NETLINK_ROUTE);
    struct sweep sweep = {.root = folder, .link = link, .table = table};
    struct descent ports = {&sweep, "port", sweep_port};

    if (folder < 0 && errno == ENOENT)
        return 0;
    if (folder < 0 || link < 0)
        return fail(failure, STAGE_NETWORK, errno, "cannot open %.200s", root);
    if (net_record_lock(folder, true))
        return fail(failure, STAGE_NETWORK, errno, "cannot lock %.200s", root);
    net_record_list(folder, ".", sweep_network, &sweep);
    net_record_list(folder, "port", sweep_descend, &ports);
    return sweep.removed;
}
