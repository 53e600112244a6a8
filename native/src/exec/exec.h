#ifndef EXEC_H
#define EXEC_H

#include "error.h"
#include "spec.h"

#include <sys/types.h>

/* The running process whose namespaces and cgroups another one joins. */
struct exec_target {
    pid_t pid;
    uint64_t start; /* field 22 of /proc/PID/stat */
    const struct string_list *procs;
};

struct exec_streams {
    int in, out, err; /* the caller's; not used with a terminal */
};

struct exec_child {
    pid_t pid;    /* a child of the calling process */
    int terminal; /* pty master, or -1 */
};

/* Starts a process in the container and returns once exec has succeeded. The calling process's later children
 * land in the container's pid namespace, so it must be one that is there for this process alone. With `tied`
 * the process is killed when the caller ends. */
int exec_spawn(const struct exec_target *target, const struct process_spec *process,
               const struct exec_streams *streams, bool tied, struct exec_child *child,
               struct failure *failure);

/* `mydocker-core exec`: runs the request that is in the environment in the foreground, as the program that
 * was replaced by this one. Returns what the process ended with. */
int exec_main(void);
/* What a shell would see: 126 or 127 for a failed exec. */
int exec_failure_code(const struct failure *failure);
/* Exit code of a wait status: 128 + N for signal N. */
int exec_status_code(int status);

#endif
