#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A container's json-file log: one JSON object a line of output, rotated by rename. */

#define LOG_LINE_LIMIT 16384 /* bytes of text in one entry */

enum log_stream { LOG_STDOUT, LOG_STDERR, LOG_STREAMS };

struct log_partial {
    char *data; /* LOG_LINE_LIMIT bytes, NULL while there is nothing */
    size_t size;
};

struct log {
    int fd; /* -1: nothing is logged */
    const char *path;
    int64_t max_size; /* bytes; 0: never rotated */
    unsigned max_file;
    int64_t size; /* of the current file */
    struct log_partial partial[LOG_STREAMS];
    char *buffer;
    size_t used;
};

/* Appends to the file at `path` (made 0640 when missing), which must live as long. 0, or -1 with errno. */
int log_open(struct log *log, const char *path, int64_t max_size, unsigned max_file);
/* Splits into lines; an unfinished one waits for its end. What cannot be written (disk full) is lost; the
 * file keeps whole lines only. */
void log_write(struct log *log, enum log_stream stream, const char *data, size_t size);
/* Writes unfinished lines as they are: the program's output has ended. */
void log_end(struct log *log);
/* Gives memory back until the next write. */
void log_rest(struct log *log);
void log_close(struct log *log);

#endif
