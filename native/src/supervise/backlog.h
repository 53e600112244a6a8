#ifndef BACKLOG_H
#define BACKLOG_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that wait until a peer takes them. Zero-initialise. */

struct backlog_chunk;

struct backlog {
    struct backlog_chunk *first, *last;
    size_t size;
};

/* Writes the data, what does not go at once waits. `fd` is non-blocking. False when the peer is gone. */
bool backlog_send(struct backlog *backlog, int fd, const void *data, size_t size);
/* Only queues. */
void backlog_append(struct backlog *backlog, const void *data, size_t size);
/* Writes what waits, as far as it goes. False when the peer is gone. */
bool backlog_flush(struct backlog *backlog, int fd);
void backlog_free(struct backlog *backlog);

#endif
