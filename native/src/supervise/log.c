#include "log.h"

#include "json.h"
#include "log-encode.h"
#include "memory.h"
#include "timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* An entry is at most its text six times over (\u00XX) and its frame; the buffer always has room for one. */
#define LOG_ENTRY_LIMIT (LOG_LINE_LIMIT * 6 + 160)
#define LOG_BUFFER (LOG_ENTRY_LIMIT + (128 << 10))

/* What follows the text of every entry of one batch. */
struct log_tail {
    char whole[96]; /* starts with \n in the text */
    size_t size;
};

static bool log_ends_whole(int fd, int64_t size)
{
    char last = '\n';

    return size == 0 || (pread(fd, &last, 1, size - 1) == 1 && last == '\n');
}

int log_open(struct log *log, const char *path, int64_t max_size, unsigned max_file)
{
    struct stat status;

    *log = (struct log){.path = path, .max_size = max_size, .max_file = max_file ? max_file : 1};
    log->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (log->fd < 0)
        return -1;
    if (fstat(log->fd, &status) == 0)
        log->size = status.st_size;
    /* A supervisor that was killed while it wrote may have left half a line. */
    if (!log_ends_whole(log->fd, log->size) && write(log->fd, "\n", 1) == 1)
        log->size++;
    return 0;
}

static void log_flush(struct log *log)
{
    size_t done = 0;

    while (done < log->used) {
        ssize_t n = write(log->fd, log->buffer + done, log->used - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    if (done < log->used) {
        const char *last = done ? memrchr(log->buffer, '\n', done) : NULL;

        done = last ? (size_t)(last + 1 - log->buffer) : 0;
        if (ftruncate(log->fd, log->size + (int64_t)done))
            done = 0;
    }
    log->size += (int64_t)done;
    log->used = 0;
}

static void log_rename_older(const struct log *log)
{
    for (unsigned i = log->max_file - 1; i > 0; i--) {
        char *target = memory_format("%s.%u", log->path, i);
        char *source = i > 1 ? memory_format("%s.%u", log->path, i - 1) : memory_copy_string(log->path);

        if (rename(source, target) && errno != ENOENT)
            i = 1; /* a gap is better than the loss of a newer file */
        free(source);
        free(target);
    }
}

static void log_rotate(struct log *log)
{
    int fd;

    if (log->max_file > 1)
        log_rename_older(log);
    else
        unlink(log->path);
    fd = open(log->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd >= 0) {
        close(log->fd);
        log->fd = fd;
    }
    log->size = 0;
}

static void log_make_tail(struct log_tail *tail, enum log_stream stream)
{
    char now[TIMESTAMP_SIZE];

    timestamp_format(now, timestamp_now());
    tail->size =
        (size_t)snprintf(tail->whole, sizeof tail->whole, "\\n\",\"stream\":\"%s\",\"time\":\"%s\"}\n",
                         stream == LOG_STDOUT ? "stdout" : "stderr", now);
}

static void log_entry(struct log *log, const struct log_tail *tail, const char *text, size_t size,
                      bool newline)
{
    char *start = log->buffer + log->used;
    char *out = start;
    size_t skip = newline ? 0 : 2, length;

    memcpy(out, "{\"log\":\"", 8);
    out = log_encode(out + 8, (const unsigned char *)text, size);
    memcpy(out, tail->whole + skip, tail->size - skip);
    out += tail->size - skip;
    length = (size_t)(out - start);
    if (log->max_size && log->size + (int64_t)log->used + (int64_t)length > log->max_size &&
        log->size + (int64_t)log->used > 0) {
        log_flush(log);
        if (log->size > 0)
            log_rotate(log);
        memmove(log->buffer, start, length);
    }
    log->used += length;
    if (log->used > LOG_BUFFER - LOG_ENTRY_LIMIT)
        log_flush(log);
}

/* Where to cut text of at least LOG_LINE_LIMIT bytes: not inside a character. */
static size_t log_cut(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t back = 1;

    while (back < 4 && (bytes[LOG_LINE_LIMIT - back] & 0xc0) == 0x80)
        back++;
    if (bytes[LOG_LINE_LIMIT - back] >= 0xc2 && json_utf8_length(bytes + LOG_LINE_LIMIT - back, back) == 0)
        return LOG_LINE_LIMIT - back;
    return LOG_LINE_LIMIT;
}

/* Adds to the unfinished line as much as it can hold; returns how much of the data that was. */
static size_t log_extend(struct log *log, struct log_partial *partial, const struct log_tail *tail,
                         const char *data, size_t size)
{
    size_t room, cut;

    if (!partial->data)
        partial->data = memory_allocate(LOG_LINE_LIMIT, 1);
    room = LOG_LINE_LIMIT - partial->size;
    if (size > room)
        size = room;
    memcpy(partial->data + partial->size, data, size);
    partial->size += size;
    if (partial->size < LOG_LINE_LIMIT)
        return size;
    cut = log_cut(partial->data);
    log_entry(log, tail, partial->data, cut, false);
    memmove(partial->data, partial->data + cut, LOG_LINE_LIMIT - cut);
    partial->size = LOG_LINE_LIMIT - cut;
    return size;
}

static void log_finish(struct log *log, struct log_partial *partial, const struct log_tail *tail,
                       bool newline)
{
    log_entry(log, tail, partial->data ? partial->data : "", partial->size, newline);
    free(partial->data);
    *partial = (struct log_partial){0};
}

static bool log_ready(struct log *log)
{
    void *memory;

    if (log->fd < 0)
        return false;
    if (log->buffer)
        return true;
    memory = mmap(NULL, LOG_BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    log->buffer = memory;
    return true;
}

void log_write(struct log *log, enum log_stream stream, const char *data, size_t size)
{
    struct log_partial *partial = &log->partial[stream];
    struct log_tail tail;

    if (!log_ready(log))
        return;
    log_make_tail(&tail, stream);
    while (size > 0) {
        const char *newline = memchr(data, '\n', size);
        size_t length = newline ? (size_t)(newline - data) : size;
        size_t taken = length;

        if (partial->data || !newline || length >= LOG_LINE_LIMIT) {
            taken = 0;
            while (taken < length)
                taken += log_extend(log, partial, &tail, data + taken, length - taken);
            if (newline)
                log_finish(log, partial, &tail, true);
        } else {
            log_entry(log, &tail, data, length, true);
        }
        taken += newline ? 1 : 0;
        data += taken;
        size -= taken;
    }
    log_flush(log);
}

void log_end(struct log *log)
{
    for (int stream = 0; stream < LOG_STREAMS; stream++) {
        struct log_tail tail;

        if (!log->partial[stream].data || !log_ready(log))
            continue;
        log_make_tail(&tail, (enum log_stream)stream);
        if (log->partial[stream].size > 0)
            log_finish(log, &log->partial[stream], &tail, false);
        else
            free(log->partial[stream].data);
        log->partial[stream] = (struct log_partial){0};
    }
    if (log->used)
        log_flush(log);
}

void log_rest(struct log *log)
{
    if (log->buffer)
        munmap(log->buffer, LOG_BUFFER);
    log->buffer = NULL;
}

void log_close(struct log *log)
{
    log_end(log);
    log_rest(log);
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
}
