#ifndef SERVE_INTERNAL_H
#define SERVE_INTERNAL_H

#include "lock.h"
#include "serve.h"

#include <sys/types.h>
#include <termios.h>

/* Shared by serve.c, the loop, and serve-child.c, the forked operations. */

#define SERVE_REQUEST_FD 3
#define SERVE_REPLY_FD 4

/* One forked operation: its reply lines come through a pipe, so that lines of two never mix. */
struct serve_child {
    pid_t pid;
    int fd; /* -1: it has closed its end */
    char *id;
    char *lock_path; /* a wait for a lock, not an operation */
    char *line;      /* what has come of an unfinished line */
    size_t size;
    bool session; /* may stand between the user and a container: gets the orchestrator's signals */
    bool replied, reaped;
    int status;
    struct serve_child *next;
};

struct serve {
    int in, out, signals;
    struct proto_reader reader;
    struct lock_table *locks;
    struct serve_child *children;
    size_t child_count;
    struct termios terminal; /* the user's, as it was */
    bool has_terminal;
};

/* Forks for an operation; `run` NULL: for a wait for a lock. */
void serve_fork(struct serve *serve, const struct request *request, serve_operation *run);
/* Passes on what an operation has written, whole lines only. An operation is over when it has closed its pipe
 * and its process has been collected. */
void serve_relay(struct serve *serve, struct serve_child *child);
/* Collects the processes that have ended; children may be gone from the list after it. */
void serve_reap(struct serve *serve);
void serve_free_child(struct serve_child *child);

#endif
