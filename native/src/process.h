#ifndef PROCESS_H
#define PROCESS_H

#include "report.h"
#include "spec.h"

/* The last steps of a process on its way to a container's program, inside all its namespaces and its root:
 * limits, user, capabilities, seccomp, exec. For the first process of a container and for op `exec`. */

struct process_user {
    unsigned uid, gid;
    unsigned *groups;
    size_t group_count;
    char *home; /* never NULL */
};

/* Resolves spec->user and spec->group in /etc/passwd and /etc/group below the current root. */
int process_find_user(const struct process_spec *spec, struct process_user *user, struct failure *failure);

/* Everything up to the exec, and the exec. Returns only when it failed, -1 with `failure`.
 * `report` gets the warnings and is what the exec closes; `proc` is an fd of a /proc mount, for the files of the
 * calling process itself, or -1 for the one at /proc. fds 0, 1, 2 are in place. */
int process_exec(const struct process_spec *spec, const struct process_user *user, int proc, int report,
                 struct failure *failure);

#endif
