#ifndef FILESYSTEM_H
#define FILESYSTEM_H

#include "error.h"
#include "spec.h"

#include <stdbool.h>
#include <stdint.h>

/* New mounts, not yet attached anywhere: an O_CLOEXEC fd each, or -1 with the failure filled. */

/* A file system of this type (`source`: its device, NULL where it has none) with `data` options
 * (NULL-terminated) and MOUNT_ATTR_* attributes. */
int filesystem_new(const char *type, const char *source, char *const *data, uint64_t attributes,
                   enum stage stage, struct failure *failure);

/* The union of `lower` (lowest first) with `upper` and `work` on top; without them read-only. `scratch` is a
 * folder of this mount namespace over which something may be mounted for a moment. */
int filesystem_overlay(const struct string_list *lower, const char *upper, const char *work,
                       const char *scratch, struct failure *failure);

/* As filesystem_overlay for kernels before 6.5, whose option text must fit one page. */
int filesystem_overlay_old(const struct string_list *lower, const char *upper, const char *work,
                           const char *scratch, struct failure *failure);

/* A detached copy of what is mounted at the path; `recursive` with the mounts below it. -1 with errno. */
int filesystem_clone(int base, const char *path, bool recursive);

/* Attaches a detached mount over what `target` (O_PATH) refers to. -1 with errno. */
int filesystem_attach(int mount, int target);

/* -1 with errno. `recursive`: all mounts of the tree. */
int filesystem_set(int mount, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive);

#endif
