#ifndef STATE_H
#define STATE_H

#include "health.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum container_status { STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_RESTARTING, STATUS_EXITED };

/* What state.json says. */
struct state {
    const char *id;
    enum container_status status;
    pid_t supervisor;
    uint64_t supervisor_start;
    pid_t pid; /* 0: none */
    uint64_t pid_start;
    struct timespec started, finished; /* 0: never */
    int exit_code;
    bool oom_killed;
    char error[512];
    unsigned restart_count;
    bool stopped_by_user, auto_remove;
    const struct health *health; /* NULL or status HEALTH_NONE: no check */
};

/* Writes the file whole: a temporary one, then a rename. `sync` brings it to the disk before the rename is
 * reported. 0, or -1 with errno. */
int state_write(const struct state *state, const char *path, bool sync);

#endif
