#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "serve.h"

/* Every operation that `serve` forks for; the table is in operations.c. */
serve_operation operation_start, operation_exec, operation_attach;
serve_operation operation_remove_tree, operation_copy_tree, operation_copy_up, operation_stat_tree;
serve_operation operation_seccomp, operation_cgroup_enter, operation_spread, operation_discard;
serve_operation operation_routes, operation_bridge_create, operation_link_remove;
serve_operation operation_nft_chains, operation_nft_elements, operation_nft_remove, operation_net_sweep;

/* NULL: no such operation. */
serve_operation *operation_find(const char *name);

#endif
