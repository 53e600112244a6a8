#ifndef TREE_MOUNTS_H
#define TREE_MOUNTS_H

#include "tree-root.h"

/*
 * The merged tree of a stopped container with its volumes, mounted in a mount namespace of this process's
 * own: nobody else sees it, and it goes when the process ends.
 */
int tree_open_merged(const struct tree_options *options, struct failure *failure);

#endif
