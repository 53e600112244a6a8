#ifndef REMOTE_MOUNTS_H
#define REMOTE_MOUNTS_H

#include "error.h"
#include "spec.h"

/* File systems whose server, device and options the user names (mount.host_network): mounted from the
 * caller's network, where their servers can be reached, and given up when one does not answer. The last
 * process that has such a file system may wait for its server when it lets go of it. So that this is neither
 * the container, which would not end, nor its supervisor, a process of its own keeps them until nobody needs
 * it. */
struct remote_mounts {
    int *mounts; /* detached, by their index in spec->mounts, -1 for the others; NULL: there is none */
    size_t count;
    int keeper; /* closed, it lets the keeper go; or -1 */
};

int remote_mounts_open(const struct container_spec *spec, struct remote_mounts *remote,
                       struct failure *failure);
/* Also lets the keeper go, unless it has been taken out. */
void remote_mounts_close(struct remote_mounts *remote);

#endif
