#ifndef NAMESPACE_H
#define NAMESPACE_H

#include "spec.h"

#include <stdint.h>
#include <sys/types.h>

/* The namespaces to join, opened and checked before the fork; -1 where there is none to join. */
struct namespace_joins {
    int pid, uts, ipc, net, cgroup;
};

/* One namespace of kind `kind` (`net`, `mnt`, ...): *fd stays -1 where the spec does not join one. */
int namespace_open_one(const struct namespace_spec *spec, const char *kind, int *fd, struct failure *failure);

/* Opens what the spec wants to join and checks that the processes are still the ones meant. */
int namespace_open(const struct container_spec *spec, struct namespace_joins *joins, struct failure *failure);
void namespace_close(struct namespace_joins *joins);

/* Forks as fork does, into the new namespaces of the spec (the cgroup one aside) or the joined pid namespace.
 */
pid_t namespace_fork(const struct container_spec *spec, const struct namespace_joins *joins, int *pidfd,
                     struct failure *failure);

/* In the child, once it is in its cgroups: enters the other joined ones, the new cgroup namespace, names the
 * host, brings loopback up. */
int namespace_enter(const struct container_spec *spec, const struct namespace_joins *joins,
                    struct failure *failure);

/* `lo` of the calling process's network namespace. -1 with errno. */
int namespace_loopback_up(void);

#endif
