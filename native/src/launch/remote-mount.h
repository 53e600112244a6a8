#ifndef REMOTE_MOUNT_H
#define REMOTE_MOUNT_H

#include "error.h"

#include <stdint.h>

/* As filesystem_new, for a file system whose server, device and options the user names: it is mounted from
 * the network namespace `net`, where its server can be reached, and given up when that does not answer. */
int remote_mount_new(int net, const char *type, const char *source, char *const *data, uint64_t attributes,
                     struct failure *failure);

#endif
