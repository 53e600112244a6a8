#ifndef EVENTS_H
#define EVENTS_H

#include "spec.h"

/* Whose events they are. */
struct event_source {
    const char *path; /* of the event log; NULL: none are written */
    const char *id;
    const struct string_list *attributes; /* K=V */
};

/* Appends one line with one write; `more`: NULL, or further attributes K=V and a NULL. An event that cannot
 * be written is lost. A log that has grown large becomes PATH.1. */
void event_write(const struct event_source *source, const char *action, const char *const *more);

#endif
