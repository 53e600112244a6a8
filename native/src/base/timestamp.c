#include "timestamp.h"

#include <stdint.h>
#include <stdio.h>

struct timespec timestamp_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now;
}

void timestamp_format(char text[TIMESTAMP_SIZE], struct timespec time)
{
    int64_t day = time.tv_sec / 86400;
    int second = (int)(time.tv_sec % 86400);
    int64_t shifted, era, year;
    int of_era, year_of_era, of_year, month;

    if (time.tv_sec <= 0) {
        text[0] = '\0';
        return;
    }
    /* Days since 1 March of the year 0 of a 400-year era: leap days then fall at the end of a year. */
    shifted = day + 719468;
    era = shifted / 146097;
    of_era = (int)(shifted - era * 146097);
    year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    month = (5 * of_year + 2) / 153;
    year = era * 400 + year_of_era + (month >= 10);
    snprintf(text, TIMESTAMP_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%09uZ", (int)(year % 10000),
             month < 10 ? month + 3 : month - 9, of_year - (153 * month + 2) / 5 + 1, second / 3600,
             second / 60 % 60, second % 60, (unsigned)(time.tv_nsec % 1000000000));
}
