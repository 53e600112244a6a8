#ifndef EXEC_EVENTS_H
#define EXEC_EVENTS_H

#include "events.h"

/* The events of one process that joins a container: the same `execID` in each. */
struct exec_events {
    const struct event_source *source;
    char id[sizeof "execID=" + 64];
};

/* Writes `exec_create: ARGV` and `exec_start: ARGV`. */
void exec_events_begin(struct exec_events *events, const struct event_source *source,
                       const struct string_list *arguments);
/* Writes `exec_die` with the exit code. */
void exec_events_end(const struct exec_events *events, int code);

#endif
