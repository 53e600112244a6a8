#ifndef TREE_ROOT_H
#define TREE_ROOT_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The tree that `pack` and `unpack` work on: a folder, a running container's root, or a stopped container's
 * merged one. */
struct tree_options {
    const char *root;
    pid_t pid;
    uint64_t pid_start;
    const char **lower;
    size_t lower_count;
    const char *upper;
    const char *work;
    /* SOURCE:TARGET:ro|rw */
    const char **mounts;
    size_t mount_count;
    /* Only the root file system itself, without what is mounted in it. */
    bool bare;
};

/* 1 when `name` was one of the options (its value is taken), 0 when it is another's, -1 when the value is
 * wrong. */
int tree_option(struct tree_options *options, const char *name, const char *value, struct failure *failure);

void tree_options_free(struct tree_options *options);

/* An O_PATH fd of the tree's root. May move this process into another mount namespace. */
int tree_open(const struct tree_options *options, struct failure *failure);

/* Opens `path` inside `root`: links are followed as if `root` were /, magic links and the way out never. */
int tree_open_inside(int root, const char *path, int flags);
/* Opens `path` below `root`; a link that is absolute or leads above `root` fails with EXDEV. */
int tree_open_beneath(int root, const char *path, int flags);

/* The one line on fd 2 that ends `pack` and `unpack`; returns the exit status. */
int tree_report(int result, const struct failure *failure, int64_t entries, int64_t bytes);

#endif
