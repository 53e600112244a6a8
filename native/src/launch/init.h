#ifndef INIT_H
#define INIT_H

#include <sys/types.h>

/* Process 1 of a container with `init`: collects all children, forwards signals to `child`, ends as it ends
 * (128 + N for signal N). */
_Noreturn void init_run(pid_t child);

/* As init_run, but by executing `program` (this program's file, `mydocker-core init PID`) where that works:
 * as a program of its own init can be looked at through /proc/1 like any other process. Without it this
 * process, whose memory and executable are the host's, stays closed to the container. */
_Noreturn void init_become(pid_t child, int program);

/* An fd of this program's file, if it is on a read-only mount (see reopen-readonly.h), so that nobody who
 * gets at it through /proc/1/exe can write to the host's; otherwise -1. */
int init_open_program(void);

/* `mydocker-core init PID`. */
int init_main(int argc, char **argv);

#endif
