#include "restart.h"

#include <stdlib.h>
#include <string.h>

#define RESTART_FIRST_DELAY 100
#define RESTART_LONGEST_DELAY 60000
#define RESTART_STEADY_UPTIME 10000

bool restart_parse(const char *text, struct restart_rule *rule)
{
    static const char failure[] = "on-failure";
    size_t length = sizeof failure - 1;
    char *end;
    unsigned long retries;

    *rule = (struct restart_rule){.policy = RESTART_NO};
    if (strcmp(text, "no") == 0)
        return true;
    if (strcmp(text, "always") == 0) {
        rule->policy = RESTART_ALWAYS;
        return true;
    }
    if (strcmp(text, "unless-stopped") == 0) {
        rule->policy = RESTART_UNLESS_STOPPED;
        return true;
    }
    if (strncmp(text, failure, length) != 0)
        return false;
    if (text[length] == '\0') {
        rule->policy = RESTART_ON_FAILURE;
        return true;
    }
    if (text[length] != ':' || text[length + 1] < '0' || text[length + 1] > '9')
        return false;
    retries = strtoul(text + length + 1, &end, 10);
    if (*end || retries > 1000000000)
        return false;
    *rule = (struct restart_rule){.policy = RESTART_ON_FAILURE, .max_retries = (unsigned)retries};
    return true;
}

int64_t restart_delay(struct restart_history *history, int64_t uptime)
{
    if (uptime >= RESTART_STEADY_UPTIME || history->delay == 0)
        history->delay = RESTART_FIRST_DELAY;
    else
        history->delay *= 2;
    if (history->delay > RESTART_LONGEST_DELAY)
        history->delay = RESTART_LONGEST_DELAY;
    history->count++;
    return history->delay;
}

int64_t restart_decide(const struct restart_rule *rule, struct restart_history *history,
                       const struct restart_exit *end)
{
    if (end->stopped_by_user || rule->policy == RESTART_NO)
        return RESTART_END;
    if (rule->policy == RESTART_ON_FAILURE) {
        if (end->code == 0)
            return RESTART_END;
        if (rule->max_retries && history->count >= rule->max_retries)
            return RESTART_END;
    }
    return restart_delay(history, end->uptime);
}
