#ifndef SERVE_H
#define SERVE_H

#include "proto.h"

#include <stdbool.h>
#include <sys/types.h>

/* An operation that takes time. Runs in a process of its own, forked from `serve`: fds 0, 1, 2 are the
 * user's, `reply` is the pipe to `serve` for its reply line and its events, no other fd is open. The result
 * is the process's exit status. A process that ends without a reply is reported by `serve`. */
typedef int serve_operation(const struct request *request, int reply);

int serve_main(void);

/* For operations whose process stays when `serve` ends: leaves its session and forgets the death signal. */
void serve_detach(void);
/* In an operation: the process that serves, which may have been killed meanwhile. */
pid_t serve_parent(void);

#endif
