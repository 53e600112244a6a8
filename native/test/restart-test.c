#include "restart.h"

#include "check.h"

static int64_t decide(const char *policy, struct restart_history *history, int code, bool stopped,
                      int64_t uptime)
{
    struct restart_rule rule;
    struct restart_exit end = {code, stopped, uptime};

    CHECK(restart_parse(policy, &rule));
    return restart_decide(&rule, history, &end);
}

static void policies_are_parsed_and_nothing_else(void)
{
    struct restart_rule rule;
    const char *const wrong[] = {"",
                                 "never",
                                 "on-failure:",
                                 "on-failure:-1",
                                 "on-failure:x",
                                 "on-failure:1x",
                                 "on-failure2",
                                 "always:3",
                                 "on-failure: 1",
                                 "on-failure:99999999999"};

    CHECK(restart_parse("on-failure:7", &rule));
    CHECK_INT(rule.policy, RESTART_ON_FAILURE);
    CHECK_INT(rule.max_retries, 7);
    CHECK(restart_parse("unless-stopped", &rule));
    CHECK_INT(rule.policy, RESTART_UNLESS_STOPPED);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK(!restart_parse(wrong[i], &rule));
}

static void the_delay_doubles_to_a_minute(void)
{
    const int64_t wanted[] = {100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000};
    struct restart_history history = {0};

    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        CHECK_INT(decide("always", &history, 0, false, 50), wanted[i]);
    CHECK_INT(history.count, 12);
}

static void ten_seconds_up_begin_the_delay_anew(void)
{
    struct restart_history history = {.count = 5, .delay = 3200};

    CHECK_INT(decide("always", &history, 1, false, 9999), 6400);
    CHECK_INT(decide("always", &history, 1, false, 10000), 100);
    CHECK_INT(history.count, 7);
}

static void on_failure_ends_with_success_or_its_retries(void)
{
    struct restart_history history = {0};

    CHECK_INT(decide("on-failure", &history, 0, false, 0), RESTART_END);
    CHECK_INT(decide("on-failure:2", &history, 1, false, 0), 100);
    CHECK_INT(decide("on-failure:2", &history, 137, false, 0), 200);
    CHECK_INT(decide("on-failure:2", &history, 1, false, 0), RESTART_END);
    CHECK_INT(decide("on-failure:0", &history, 1, false, 0), 400);
}

static void a_container_stopped_by_the_user_stays_stopped(void)
{
    struct restart_history history = {0};

    CHECK_INT(decide("always", &history, 0, true, 0), RESTART_END);
    CHECK_INT(decide("unless-stopped", &history, 1, true, 0), RESTART_END);
    CHECK_INT(decide("no", &history, 1, false, 0), RESTART_END);
    CHECK_INT(history.count, 0);
    CHECK_INT(decide("unless-stopped", &history, 0, false, 0), 100);
}

int main(void)
{
    policies_are_parsed_and_nothing_else();
    the_delay_doubles_to_a_minute();
    ten_seconds_up_begin_the_delay_anew();
    on_failure_ends_with_success_or_its_retries();
    a_container_stopped_by_the_user_stays_stopped();
    return 0;
}
