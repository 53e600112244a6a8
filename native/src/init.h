#ifndef INIT_H
#define INIT_H

#include <sys/types.h>

/* Process 1 of a container with `init`: collects all children, forwards signals to `child`, ends as it ends
 * (128 + N for signal N). */
_Noreturn void init_run(pid_t child);

#endif
