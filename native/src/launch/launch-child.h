#ifndef LAUNCH_CHILD_H
#define LAUNCH_CHILD_H

#include "launch.h"
#include "namespace.h"
#include "process.h"

/* The name of the process until the exec gives it the program's. */
#define LAUNCH_CHILD_NAME "mydocker-launch"

/* What the forked process needs on its way to the container's program. */
struct launch_child {
    const struct container_spec *spec;
    const struct launch_io *io;
    struct namespace_joins joins;
    const int *remote; /* see remote_mounts */
    struct process_context context;
};

/* In the new process. Ends with the exec, or reports the failure and ends. */
_Noreturn void launch_child_run(struct launch_child *child);

#endif
