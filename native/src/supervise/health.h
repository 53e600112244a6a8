#ifndef HEALTH_H
#define HEALTH_H

#include "spec.h"
#include "timestamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which probe counts and what a container's health is; no clock, no processes: times are given in. */

#define HEALTH_LOG_LENGTH 5
#define HEALTH_OUTPUT_LIMIT 4096

enum health_status { HEALTH_NONE, HEALTH_STARTING, HEALTH_HEALTHY, HEALTH_UNHEALTHY };

struct health_probe {
    struct timespec start, end;
    int code;
    char *output; /* malloc'd */
    size_t output_size;
};

struct health {
    enum health_status status;
    int64_t interval, timeout, start_period, start_interval, retries; /* defaults filled in */
    int64_t started;                                                  /* ms, when the container started */
    bool probed;                                                      /* the extra first probe is over */
    unsigned streak;
    struct health_probe log[HEALTH_LOG_LENGTH]; /* oldest first */
    size_t log_count;
};

/* The container has started (again): status starting, an empty log. */
void health_start(struct health *health, const struct health_spec *spec, int64_t now);
/* When the next probe is due: ms from now; the first one is due at once. */
int64_t health_next_delay(const struct health *health, int64_t now);
/* Takes over the probe's output. `began` is the probe's start in ms. True when the status has changed. */
bool health_record(struct health *health, struct health_probe *probe, int64_t began);
const char *health_status_name(enum health_status status);
void health_free(struct health *health);

#endif
