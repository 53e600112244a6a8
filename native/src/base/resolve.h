#ifndef RESOLVE_H
#define RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

/* Paths of a container are resolved by the kernel below its root (RESOLVE_IN_ROOT): no link in an image or a
 * volume can lead outside. Results are O_CLOEXEC fds, or -1 with errno. */

/* `flags` as for open; `extra`: more RESOLVE_* flags. */
int resolve_open(int root, const char *path, uint64_t flags, uint64_t extra);

/* An O_PATH fd of `path`; when missing it is made (a folder 0755, or an empty file 0644), its parents and the
 * targets of dangling links too. */
int resolve_make(int root, const char *path, bool folder);

/* As resolve_open, strictly below `root`: no link at all is followed, no mount crossed. */
int resolve_beneath(int root, const char *path, uint64_t flags);

#endif
