#include "health.h"

#include <stdlib.h>
#include <string.h>

#define HEALTH_INTERVAL 30000
#define HEALTH_TIMEOUT 30000
#define HEALTH_START_INTERVAL 5000
#define HEALTH_RETRIES 3

static int64_t health_default(int64_t value, int64_t fallback)
{
    return value > 0 ? value : fallback;
}

void health_free(struct health *health)
{
    for (size_t i = 0; i < health->log_count; i++)
        free(health->log[i].output);
    health->log_count = 0;
}

void health_start(struct health *health, const struct health_spec *spec, int64_t now)
{
    health_free(health);
    *health = (struct health){
        .status = HEALTH_STARTING,
        .interval = health_default(spec->interval, HEALTH_INTERVAL),
        .timeout = health_default(spec->timeout, HEALTH_TIMEOUT),
        .start_period = spec->start_period > 0 ? spec->start_period : 0,
        .start_interval = health_default(spec->start_interval, HEALTH_START_INTERVAL),
        .retries = health_default(spec->retries, HEALTH_RETRIES),
        .started = now,
    };
}

int64_t health_next_delay(const struct health *health, int64_t now)
{
    if (!health->probed)
        return 0;
    if (health->status == HEALTH_STARTING && now - health->started < health->start_period)
        return health->start_interval;
    return health->interval;
}

static void health_append(struct health *health, struct health_probe *probe)
{
    if (health->log_count == HEALTH_LOG_LENGTH) {
        free(health->log[0].output);
        memmove(health->log, health->log + 1, (HEALTH_LOG_LENGTH - 1) * sizeof health->log[0]);
        health->log_count--;
    }
    health->log[health->log_count++] = *probe;
    *probe = (struct health_probe){0};
}

bool health_record(struct health *health, struct health_probe *probe, int64_t began)
{
    enum health_status before = health->status;
    /* Docker waits one interval before its first probe. Ours comes at once, so that a container that is ready
     * at once counts at once; one that is not must not be worse off for it. */
    bool extra = !health->probed;
    bool in_start_period = before == HEALTH_STARTING && began - health->started < health->start_period;

    health->probed = true;
    if (probe->code == 0) {
        health->streak = 0;
        health->status = HEALTH_HEALTHY;
    } else if (!extra && !in_start_period) {
        health->streak++;
        if (health->streak >= health->retries)
            health->status = HEALTH_UNHEALTHY;
    }
    health_append(health, probe);
    return health->status != before;
}

const char *health_status_name(enum health_status status)
{
    static const char *const names[] = {"none", "starting", "healthy", "unhealthy"};

    return names[status];
}
