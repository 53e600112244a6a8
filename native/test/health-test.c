#include "health.h"

#include "check.h"

static struct health health;

static void start(int64_t interval, int64_t start_period, int64_t start_interval, int64_t retries)
{
    const struct health_spec spec = {.interval = interval,
                                     .start_period = start_period,
                                     .start_interval = start_interval,
                                     .retries = retries};

    health_start(&health, &spec, 1000);
}

static bool probe(int code, int64_t began)
{
    struct health_probe record = {.code = code, .output = strdup("text"), .output_size = 4};

    return health_record(&health, &record, began);
}

static void defaults_are_those_of_docker(void)
{
    start(0, 0, 0, 0);
    CHECK_INT(health.interval, 30000);
    CHECK_INT(health.timeout, 30000);
    CHECK_INT(health.retries, 3);
    CHECK_INT(health.status, HEALTH_STARTING);
}

static void the_first_probe_comes_at_once_and_its_failure_does_not_count(void)
{
    start(2000, 0, 0, 1);
    CHECK_INT(health_next_delay(&health, 1000), 0);
    CHECK(!probe(1, 1000));
    CHECK_INT(health.streak, 0);
    CHECK_INT(health_next_delay(&health, 1010), 2000);
    CHECK(probe(1, 3010));
    CHECK_INT(health.status, HEALTH_UNHEALTHY);
}

static void a_container_that_is_ready_at_once_is_healthy_at_once(void)
{
    start(30000, 60000, 5000, 3);
    CHECK(probe(0, 1000));
    CHECK_INT(health.status, HEALTH_HEALTHY);
    CHECK_INT(health_next_delay(&health, 1010), 30000);
}

static void failures_in_the_start_period_do_not_count(void)
{
    start(30000, 10000, 500, 1);
    CHECK(!probe(1, 1000));
    CHECK_INT(health_next_delay(&health, 1100), 500);
    CHECK(!probe(1, 10999));
    CHECK_INT(health.streak, 0);
    CHECK_INT(health_next_delay(&health, 11000), 30000);
    CHECK(probe(1, 11000));
    CHECK_INT(health.status, HEALTH_UNHEALTHY);
}

static void a_success_ends_the_start_period(void)
{
    start(1000, 60000, 500, 1);
    CHECK(probe(0, 1000));
    CHECK(probe(1, 2000));
    CHECK_INT(health.status, HEALTH_UNHEALTHY);
    CHECK(probe(0, 3000));
    CHECK_INT(health.status, HEALTH_HEALTHY);
    CHECK_INT(health.streak, 0);
}

static void the_log_keeps_the_last_five(void)
{
    start(1000, 0, 0, 100);
    for (int code = 1; code <= 8; code++)
        probe(code, 1000);
    CHECK_INT(health.log_count, HEALTH_LOG_LENGTH);
    CHECK_INT(health.log[0].code, 4);
    CHECK_INT(health.log[4].code, 8);
    CHECK_INT(health.streak, 7);
}

int main(void)
{
    defaults_are_those_of_docker();
    the_first_probe_comes_at_once_and_its_failure_does_not_count();
    a_container_that_is_ready_at_once_is_healthy_at_once();
    failures_in_the_start_period_do_not_count();
    a_success_ends_the_start_period();
    the_log_keeps_the_last_five();
    health_free(&health);
    return 0;
}
