#ifndef EVENTS_H
#define EVENTS_H

#include "spec.h"

/* Whose events they are. */
struct event_source {
    const char *path; /* of the event log; NULL: none are written */
    const char *id;
    const struct string_list *attributes; /* K=V */
};

/* Appends one line with one write; `key` NULL or a further attribute. An event that cannot be written is
 * lost. */
void event_write(const struct event_source *source, const char *action, const char *key, const char *value);

#endif
