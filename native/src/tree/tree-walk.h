#ifndef TREE_WALK_H
#define TREE_WALK_H

#include "error.h"
#include "tar-entry.h"

#include <sys/stat.h>

/* One thing that was found. `path` is relative to the start of the walk, "" for the start itself. */
struct walk_entry {
    const char *path;
    /* The open folder it is in and its name there. */
    int folder;
    const char *name;
    struct stat status;
    /* An opened directory, else -1. */
    int directory;
};

struct walk {
    /* -1 stops the walk with the failure set; 1 leaves a directory's content out. */
    int (*visit)(struct walk *walk, const struct walk_entry *entry);
    void *context;
    bool one_file_system;
    struct failure *failure;

    dev_t device;
};

/* Visits `name` in `folder` and everything below, a directory before its content, names in byte order; links
 * are not followed. */
int walk_run(struct walk *walk, int folder, const char *name);

#endif
