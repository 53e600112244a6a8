#ifndef TREE_H
#define TREE_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Removes the tree at `path` (relative) below the folder `root`; a missing one is fine. */
int remove_tree(int root, const char *path, struct failure *failure);

/* Lets this process open as many files as it may: a removal keeps a folder open for each level. */
void remove_tree_raise_limit(void);

/* Copies what is in the folder `source` into the folder `target`, and its own owner, mode, times and xattrs.
 * The number of entries copied goes to *count. Both are read fds. */
int copy_tree(int source, int target, int64_t *count, struct failure *failure);

/* Owner, mode, xattrs and times of `name` in `from` (its status is known) to `name` in `to`. */
int copy_metadata(int from, int to, const char *name, const struct stat *status, struct failure *failure);
/* The same for two open folders themselves. */
int copy_folder_metadata(int from, int to, const struct stat *status, struct failure *failure);

/* Which inodes with several links have been met, and under which path. */
struct inode_map {
    struct inode_entry *entries;
    size_t count, capacity;
};

/* The path stored for the inode of `status`; NULL when it is new, and then a copy of `path` is stored. */
const char *inode_map_visit(struct inode_map *map, const struct stat *status, const char *path);
void inode_map_free(struct inode_map *map);

#endif
