#ifndef PROCSTAT_H
#define PROCSTAT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct procstat {
    char name[16]; /* of the program, cut by the kernel */
    char state;    /* R, S, Z, ... */
    int64_t parent;
    uint64_t start; /* field 22, in clock ticks since boot */
};

/* The text of a /proc/PID/stat file, NUL-terminated; -1 when it is not one. */
int procstat_parse(const char *text, struct procstat *stat);
/* -1 with errno: ESRCH, or EPROTO for a text that is no stat line. */
int procstat_read(pid_t pid, struct procstat *stat);

#endif
