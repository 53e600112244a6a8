#ifndef JSON_H
#define JSON_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A JSON text under construction. Zero-initialise, json_free at the end. Where `key` is NULL the value is an
 * array's element (or the top value). */
struct json {
    char *data;
    size_t size;
    size_t capacity;
    bool comma; /* a value precedes at this level */
};

void json_object_begin(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array_begin(struct json *json, const char *key);
void json_array_end(struct json *json);
void json_string(struct json *json, const char *key, const char *value);
/* Bytes that are not valid UTF-8 become U+FFFD, one for each maximal broken part. */
void json_bytes(struct json *json, const char *key, const char *value, size_t size);
void json_integer(struct json *json, const char *key, int64_t value);
void json_boolean(struct json *json, const char *key, bool value);
/* Standard base64 with padding. */
void json_base64(struct json *json, const char *key, const char *value, size_t size);
void json_free(struct json *json);

/* Ends the line and writes it whole (a retry on EINTR and short writes, a wait on EAGAIN); -1 with errno. */
int json_write_line(struct json *json, int fd);

/* Adds the seal of src/runtime/store/seal.ts to a whole object: it then says that it is byte for byte what
 * was written for `kind`, the shape's name and version. */
void json_seal(struct json *json, const char *kind);

/* Ends the line, for a caller that writes it itself. */
void json_end_line(struct json *json);

/* `{"id":ID,"ok":true` — the caller adds its keys, then json_object_end and json_write_line. */
void json_reply_begin(struct json *json, const char *id);
/* The whole `{"id":ID,"ok":false,…}` line. */
void json_failure_line(struct json *json, const char *id, const struct failure *failure);
int json_write_failure(int fd, const char *id, const struct failure *failure);
/* The whole `{"id":ID,"ok":true}` line. */
int json_write_ok(int fd, const char *id);

/* Length of the valid UTF-8 sequence at text[0..size), 0 when broken; size must not be 0. */
size_t json_utf8_length(const unsigned char *text, size_t size);

#endif
