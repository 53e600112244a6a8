#ifndef CLIENT_H
#define CLIENT_H

#include "stream.h"
#include "supervisor.h"

/* One connection of control.sock: requests and replies, and after `attach` a stream. */

enum pending_kind { PENDING_END, PENDING_NEXT_EXIT, PENDING_RESTART };

/* A reply that is owed. */
struct pending {
    enum pending_kind kind;
    char *id;
    struct pending *next;
};

struct client {
    struct supervisor *supervisor;
    struct loop_source source;
    struct proto_reader reader;
    struct backlog out;
    struct pending *pending;
    bool dead;    /* its fd is closed; control_sweep frees it */
    bool closing; /* close when the backlog is out */
    bool leased;  /* the container is paused for as long as this connection lasts */
    bool attached, use_stdin, use_stdout, use_stderr, lossless;
    struct stream_decoder *decoder;
    struct client *next;
};

/* control.c */
struct client *client_new(struct supervisor *supervisor, int fd);
void client_drop(struct client *client);
void client_write(struct client *client, const void *data, size_t size);
/* Watches for what the client may do now. */
void client_watch(struct client *client);
void client_owe(struct client *client, enum pending_kind kind, const char *id);
/* Replies to everyone who waits for `kind`. */
void client_settle(struct supervisor *supervisor, enum pending_kind kind, const struct failure *failure);

/* control-ops.c */
/* Lets the container go on when the last connection that had paused it is gone. */
void client_end_lease(struct client *client);
void client_request(struct client *client, const struct request *request);
/* `kill`, with what it means for the restart policy. */
int client_signal(struct supervisor *supervisor, int number, struct failure *failure);

/* attached.c */
#define CLIENT_BACKLOG_LIMIT (8u << 20)
#define CLIENT_BACKLOG_HOLD (1u << 20)
void attached_begin(struct client *client);
void attached_read(struct client *client);
void attached_output(struct supervisor *supervisor, enum stream_kind kind, const void *data, size_t size);
/* The container's process has ended: tells every attached client and lets it go. */
void attached_end(struct supervisor *supervisor, int code);
bool attached_any(const struct supervisor *supervisor);

#endif
