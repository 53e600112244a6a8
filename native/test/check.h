#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A failed check ends the test program with the place and what was found. */

#define CHECK(condition) check_that(condition, #condition, __FILE__, __LINE__)
#define CHECK_INT(found, wanted) \
    check_int((long long)(found), (long long)(wanted), #found, __FILE__, __LINE__)
#define CHECK_TEXT(found, wanted) check_text(found, wanted, #found, __FILE__, __LINE__)

static inline void check_that(int condition, const char *text, const char *file, int line)
{
    if (!condition) {
        fprintf(stderr, "%s:%d: not so: %s\n", file, line, text);
        exit(1);
    }
}

static inline void check_int(long long found, long long wanted, const char *text, const char *file, int line)
{
    if (found != wanted) {
        fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", file, line, text, found, wanted);
        exit(1);
    }
}

static inline void check_text(const char *found, const char *wanted, const char *text, const char *file,
                              int line)
{
    if (!found || strcmp(found, wanted) != 0) {
        fprintf(stderr, "%s:%d: %s is \"%s\", not \"%s\"\n", file, line, text, found ? found : "(null)",
                wanted);
        exit(1);
    }
}

#endif
