#include "exec-events.h"

#include "cleanup.h"
#include "memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define EXEC_TEXT_LIMIT 4096

/* As Docker writes it: the program, a space, its arguments with spaces between them. */
static char *exec_join_arguments(const struct string_list *arguments)
{
    char *text = memory_format("%s ", arguments->count ? arguments->items[0] : "");

    for (size_t i = 1; i < arguments->count && strlen(text) < EXEC_TEXT_LIMIT; i++) {
        char *longer = memory_format("%s%s%s", text, i > 1 ? " " : "", arguments->items[i]);

        free(text);
        text = longer;
    }
    return text;
}

static void exec_new_id(char *text)
{
    uint64_t random[4] = {0};

    /* Without randomness the events are still worth having. */
    if (getrandom(random, sizeof random, GRND_NONBLOCK) != sizeof random)
        random[0] = (uintptr_t)text;
    sprintf(text, "execID=%016jx%016jx%016jx%016jx", (uintmax_t)random[0], (uintmax_t)random[1],
            (uintmax_t)random[2], (uintmax_t)random[3]);
}

void exec_events_begin(struct exec_events *events, const struct event_source *source,
                       const struct string_list *arguments)
{
    CLEANUP_FREE char *text = exec_join_arguments(arguments);
    CLEANUP_FREE char *create = memory_format("exec_create: %s", text);
    CLEANUP_FREE char *start = memory_format("exec_start: %s", text);

    events->source = source;
    exec_new_id(events->id);
    event_write(source, create, (const char *const[]){events->id, NULL});
    event_write(source, start, (const char *const[]){events->id, NULL});
}

void exec_events_end(const struct exec_events *events, int code)
{
    char text[32];

    snprintf(text, sizeof text, "exitCode=%d", code);
    event_write(events->source, "exec_die", (const char *const[]){events->id, text, NULL});
}
