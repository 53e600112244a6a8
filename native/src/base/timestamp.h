#ifndef TIMESTAMP_H
#define TIMESTAMP_H

#include <time.h>

#define TIMESTAMP_SIZE 64

struct timespec timestamp_now(void);
/* RFC 3339, UTC, nanoseconds: 2025-01-31T12:00:00.000000000Z; "" for time 0. Does not read the time zone's
 * files. */
void timestamp_format(char text[TIMESTAMP_SIZE], struct timespec time);

#endif
