#ifndef PACK_ENTRY_H
#define PACK_ENTRY_H

#include "tar-writer.h"
#include "tree-walk.h"
#include "tree.h"

struct pack {
    struct tar_writer writer;
    /* The write layer of a container: overlayfs whiteouts are written as `.wh.` entries. */
    bool layer;
    /* What the start of the walk is called; "" leaves it out. */
    const char *name;
    const char **excludes;
    size_t exclude_count;
    /* For a list of a write layer: the tree it lies on, to compare with; -1 without. */
    int below;
    struct failure *failure;

    /* Files with several names seen so far; the first name carries the data. */
    struct inode_map links;
    /* The last directory that covers all that is below it. */
    char *opaque;
};

/* A walk's visitors; `context` is the pack. */
int pack_visit(struct walk *walk, const struct walk_entry *found);
int pack_visit_list(struct walk *walk, const struct walk_entry *found);
void pack_free(struct pack *pack);

/* For pack's own parts. */

bool pack_is_excluded(const struct pack *pack, const char *path);
/* The target of a link; NULL with the failure set. */
char *pack_read_link(struct pack *pack, const struct walk_entry *found);
bool pack_is_whiteout(const struct stat *status);
bool pack_is_opaque(int directory);
/* Adds what may travel in an archive; `fd` is -1 for what cannot be opened. */
int pack_read_xattrs(struct pack *pack, struct tar_entry *entry, const struct walk_entry *found, int fd);

#endif
