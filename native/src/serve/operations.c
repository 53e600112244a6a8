#include "operations.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    serve_operation *run;
} operations[] = {
    {"start", operation_start},
    {"remove_tree", operation_remove_tree},
    {"discard", operation_discard},
    {"copy_tree", operation_copy_tree},
    {"copy_up", operation_copy_up},
    {"stat_tree", operation_stat_tree},
    {"seccomp", operation_seccomp},
    {"exec", operation_exec},
    {"attach", operation_attach},
    {"cgroup_enter", operation_cgroup_enter},
    {"spread", operation_spread},
    {"routes", operation_routes},
    {"bridge_create", operation_bridge_create},
    {"link_remove", operation_link_remove},
    {"nft_chains", operation_nft_chains},
    {"nft_elements", operation_nft_elements},
    {"nft_remove", operation_nft_remove},
    {"net_sweep", operation_net_sweep},
};

serve_operation *operation_find(const char *name)
{
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (strcmp(operations[i].name, name) == 0)
            return operations[i].run;
    return NULL;
}
