#ifndef ROOT_H
#define ROOT_H

#include "spec.h"

/* The container's file system, made in the calling process's own new mount namespace. */
struct root {
    const struct container_spec *spec;
    int fd;            /* the new root folder, O_PATH */
    int scratch;       /* a tmpfs for content files and masks, or -1 */
    int proc;          /* the mounted procfs, or -1 */
    int dev;           /* the container's /dev */
    const int *remote; /* mounts that were made outside, by their index in spec->mounts */
    int *sources;      /* one detached mount for each bind of spec->mounts, else -1 */
    int *late;         /* mounts that become read-only when all is in place */
    size_t late_count;
};

/* Takes the bind sources from the host, cuts the namespace off the host's, mounts the root and all of
 * spec->mounts and contents. */
int root_mount(const struct container_spec *spec, const int *remote, struct root *root,
               struct failure *failure);
/* Makes the root `/` and lets go of the host's tree. */
int root_pivot(struct root *root, struct failure *failure);
/* What must come last: masks, read-only paths, read-only root. Before the pivot. */
int root_seal(struct root *root, struct failure *failure);

/* Nodes and links in /dev. Before the pivot. */
int dev_populate(struct root *root, struct failure *failure);
/* A terminal of the container's own devpts, its slave also at /dev/console. Before the pivot. */
int dev_make_terminal(struct root *root, int *master, int *slave, struct failure *failure);

/* Writes spec->contents and binds them to their targets. */
int content_mount_all(struct root *root, struct failure *failure);

/* Values below /proc/sys of the new namespaces. */
int sysctl_write_all(const struct root *root, struct failure *failure);

/* Fills root->sources and makes room in root->late. */
int root_take_sources(struct root *root, struct failure *failure);

/* The attributes that must wait until mounts below have got their targets. */
uint64_t root_late_attributes(const struct mount_spec *mount);

/* Attaches `mount` at `target` of the container, which is made when missing. */
int root_attach(struct root *root, int mount, const char *target, bool folder, struct failure *failure);

#endif
