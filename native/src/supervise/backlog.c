#include "backlog.h"

#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG_CHUNK (32 << 10)

struct backlog_chunk {
    struct backlog_chunk *next;
    size_t start, end, capacity;
    char data[];
};

static struct backlog_chunk *backlog_extend(struct backlog *backlog, size_t wanted)
{
    /* A short reply gets a short chunk; a stream that has fallen behind gets long ones. */
    size_t capacity = backlog->first && wanted < BACKLOG_CHUNK ? BACKLOG_CHUNK : wanted;
    struct backlog_chunk *chunk = memory_allocate(1, sizeof *chunk + capacity);

    chunk->capacity = capacity;
    if (backlog->last)
        backlog->last->next = chunk;
    else
        backlog->first = chunk;
    backlog->last = chunk;
    return chunk;
}

void backlog_append(struct backlog *backlog, const void *data, size_t size)
{
    const char *bytes = data;

    backlog->size += size;
    while (size > 0) {
        struct backlog_chunk *chunk = backlog->last;
        size_t part;

        if (!chunk || chunk->end == chunk->capacity)
            chunk = backlog_extend(backlog, size);
        part = chunk->capacity - chunk->end < size ? chunk->capacity - chunk->end : size;
        memcpy(chunk->data + chunk->end, bytes, part);
        chunk->end += part;
        bytes += part;
        size -= part;
    }
}

bool backlog_send(struct backlog *backlog, int fd, const void *data, size_t size)
{
    const char *bytes = data;

    while (size > 0 && !backlog->first) {
        ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            return false;
        if (n < 0)
            break;
        bytes += n;
        size -= (size_t)n;
    }
    backlog_append(backlog, bytes, size);
    return true;
}

static void backlog_shift(struct backlog *backlog)
{
    struct backlog_chunk *chunk = backlog->first;

    backlog->first = chunk->next;
    if (!backlog->first)
        backlog->last = NULL;
    free(chunk);
}

bool backlog_flush(struct backlog *backlog, int fd)
{
    while (backlog->first) {
        struct backlog_chunk *chunk = backlog->first;
        ssize_t n = write(fd, chunk->data + chunk->start, chunk->end - chunk->start);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        chunk->start += (size_t)n;
        backlog->size -= (size_t)n;
        if (chunk->start == chunk->end)
            backlog_shift(backlog);
    }
    return true;
}

void backlog_free(struct backlog *backlog)
{
    while (backlog->first)
        backlog_shift(backlog);
    backlog->size = 0;
}
