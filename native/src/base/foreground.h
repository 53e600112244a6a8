#ifndef FOREGROUND_H
#define FOREGROUND_H

#include "spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a process does that stands between the user's fds 0, 1, 2 and a container. */

struct foreground {
    int signals; /* signalfd */
    bool raw;    /* the user's terminal is in raw mode */
    int64_t interrupted;
};

/* Takes over signals, among them the end of its parent (it no longer dies with it unheard). */
int foreground_open(struct foreground *foreground);
/* Puts the terminal on fd 0 into raw mode, if it is one. */
void foreground_make_raw(struct foreground *foreground);
/* Restores the terminal. */
void foreground_close(struct foreground *foreground);

enum foreground_event {
    FOREGROUND_NOTHING,
    FOREGROUND_CHILD,
    FOREGROUND_RESIZE,
    FOREGROUND_ORPHAN,
    FOREGROUND_SIGNAL
};

/* Reads one signal; *number is the one that is the container's. */
enum foreground_event foreground_read(struct foreground *foreground, int *number);
/* Fills in the size of the user's terminal where the request gave none, so that the program starts with it.
 */
void foreground_give_size(struct process_spec *process);
/* The size of the user's terminal; false when there is none. */
bool foreground_size(unsigned *rows, unsigned *cols);
/* Writes everything, waiting as long as it takes; false when the reader is gone. */
bool foreground_write(int fd, const void *data, size_t size);
/* One event line: `code` < 0 leaves the code out. */
void foreground_event(int reply, const char *id, const char *event, int code);

#endif
