#ifndef EXEC_RELAY_H
#define EXEC_RELAY_H

#include "exec.h"
#include "foreground.h"

#include <stdbool.h>

/* Between the user's fds 0, 1, 2 and a process that op `exec` started. */

#define EXEC_CAPTURE_LIMIT (1u << 20)

struct exec_capture {
    char *data;
    size_t size;
};

struct exec_relay {
    struct foreground foreground;
    pid_t pid;
    int terminal;     /* pty master, or -1: then the pipes are used */
    int in, out, err; /* our ends of the process's pipes; -1: the process has the user's own fd, or none */
    bool use_stdin;
    const char *detach_keys;
    bool capture;
    struct exec_capture captured[2];
};

enum exec_result { EXEC_EXITED, EXEC_DETACHED, EXEC_ORPHANED };

/* Makes the streams of the process, before it is started: `streams` are its ends. Stdin that is a pipe or a
 * socket is given to it as it is; anything else is relayed, since an fd of a file or a terminal would give
 * the container more than its content. */
int exec_relay_open(struct exec_relay *relay, const struct exec_spec *spec, struct exec_streams *streams);
/* After the start: our copies of the process's ends go. */
void exec_relay_close_ends(const struct exec_streams *streams);
enum exec_result exec_relay_run(struct exec_relay *relay, int *code);

#endif
