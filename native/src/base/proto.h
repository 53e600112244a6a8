#ifndef PROTO_H
#define PROTO_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

#define PROTO_VERSION 1
#define PROTO_MAX_FRAME (16u << 20)

struct proto_pair {
    const char *key;
    const char *value;
};

/* One decoded request; every pointer is into `payload`. */
struct request {
    char *payload;
    const char *id;
    const char *op;
    struct proto_pair *pairs; /* in the order of the frame */
    size_t count;
};

/* Takes over `payload` (malloc'd, `size` bytes without the length word), also when it fails. */
int proto_decode(char *payload, size_t size, struct request *request, struct failure *failure);
void proto_free(struct request *request);

/* The first value of `key`, or NULL. For operations with few keys; `start` and `exec` use spec.h. */
const char *proto_get(const struct request *request, const char *key);
/* As proto_get, but a missing key is a failure. */
int proto_require(const struct request *request, const char *key, const char **value,
                  struct failure *failure);
/* Fails when the request has a key that is not in the NULL-terminated list. */
int proto_check_keys(const struct request *request, const char *const *known, struct failure *failure);

/* Whole decimal number within [low, high]; 0 or -1 with the failure filled. */
int proto_integer(const char *key, const char *text, int64_t low, int64_t high, int64_t *value,
                  struct failure *failure);

/* Collects frames from a pipe or socket that is polled. Zero-initialise but for fd. */
struct proto_reader {
    int fd;
    unsigned char head[4];
    size_t head_size;
    char *payload;
    size_t size;
    size_t have;
};

enum proto_result { PROTO_ERROR = -1, PROTO_AGAIN = 0, PROTO_FRAME = 1, PROTO_END = 2 };

/* One read. PROTO_FRAME: *payload and *size are the caller's. PROTO_END: end of file between two frames.
 * PROTO_ERROR: errno (EPROTO: truncated frame, EMSGSIZE: a frame beyond the limit). */
enum proto_result proto_read(struct proto_reader *reader, char **payload, size_t *size);
void proto_reader_free(struct proto_reader *reader);

#endif
