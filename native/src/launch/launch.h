#ifndef LAUNCH_H
#define LAUNCH_H

#include "error.h"
#include "spec.h"

#include <sys/types.h>

/* From a container_spec to a running program. The supervisor calls launch_container for each start and
 * restart; it returns when exec has succeeded (the pipe that exec closes tells) or anything before it has
 * failed. */

/* The container's ends of its standard streams; the launcher dups them, the caller keeps and closes its own.
 * With a terminal they are not used: launch_result.terminal is the master side. */
struct launch_io {
    int in, out, err;
};

/* Called in the supervisor between clone and the child's first step, when the namespaces exist and the
 * cgroups have been joined: `pid` waits until it has returned 0. For the network; may be NULL. */
struct launch_hook {
    int (*run)(void *context, pid_t pid, struct failure *failure);
    void *context;
};

#define LAUNCH_MAX_WARNINGS 8

struct launch_result {
    pid_t pid;                           /* the container's first process (its init when spec.init) */
    int pidfd;                           /* readable when it has ended */
    int terminal;                        /* pty master, or -1 */
    int keeper;                          /* of network file systems: closed, it lets go of them; or -1 */
    uint64_t start;                      /* field 22 of /proc/PID/stat */
    char *warnings[LAUNCH_MAX_WARNINGS]; /* malloc'd sentences: a clamped rlimit, ... */
    size_t warning_count;
};

/* All fds in the result are O_CLOEXEC and the caller's. After a failure nothing is left: the process is
 * reaped, the cgroups that this call made are removed. */
int launch_container(const struct container_spec *spec, const struct launch_io *io,
                     const struct launch_hook *network, struct launch_result *result,
                     struct failure *failure);
void launch_free_result(struct launch_result *result);

#endif
