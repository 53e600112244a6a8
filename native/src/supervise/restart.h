#ifndef RESTART_H
#define RESTART_H

#include <stdbool.h>
#include <stdint.h>

enum restart_policy { RESTART_NO, RESTART_ALWAYS, RESTART_ON_FAILURE, RESTART_UNLESS_STOPPED };

struct restart_rule {
    enum restart_policy policy;
    unsigned max_retries; /* of on-failure; 0: without end */
};

struct restart_exit {
    int code;
    bool stopped_by_user;
    int64_t uptime; /* ms */
};

/* What is remembered between exits. Zero at the start. */
struct restart_history {
    unsigned count; /* restarts so far */
    int64_t delay;  /* ms, the last one */
};

#define RESTART_END (-1)

/* `no`, `always`, `on-failure[:N]`, `unless-stopped`; false for anything else. */
bool restart_parse(const char *text, struct restart_rule *rule);

/* How many ms after this exit the container is to be started again, or RESTART_END. The back-off is Docker's:
 * 100 ms, doubled each time to at most a minute, begun anew after a run of 10 s. */
int64_t restart_decide(const struct restart_rule *rule, struct restart_history *history,
                       const struct restart_exit *end);

/* The back-off alone, for a restart that no policy decides. */
int64_t restart_delay(struct restart_history *history, int64_t uptime);

#endif
