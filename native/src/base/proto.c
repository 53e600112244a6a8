#include "proto.h"

#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int proto_split(struct request *request, char *text, char *end, struct failure *failure)
{
    size_t capacity = 0;

    while (text < end) {
        char *equals = strchr(text, '=');
        size_t length = strlen(text);

        if (!equals || equals == text)
            return fail(failure, STAGE_REQUEST, EPROTO, "request field \"%.60s\" is not key=value", text);
        *equals = '\0';
        if (request->count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            request->pairs = memory_resize(request->pairs, capacity, sizeof *request->pairs);
        }
        request->pairs[request->count++] = (struct proto_pair){.key = text, .value = equals + 1};
        text += length + 1;
    }
    return 0;
}

int proto_decode(char *payload, size_t size, struct request *request, struct failure *failure)
{
    char *end = payload + size;
    char *op;

    memset(request, 0, sizeof *request);
    request->payload = payload;
    request->id = "";
    request->op = "";
    if (size == 0 || end[-1] != '\0')
        return fail(failure, STAGE_REQUEST, EPROTO, "request does not end with a NUL byte");
    request->id = payload;
    op = payload + strlen(payload) + 1;
    if (op == end)
        return fail(failure, STAGE_REQUEST, EPROTO, "request has no operation");
    request->op = op;
    return proto_split(request, op + strlen(op) + 1, end, failure);
}

void proto_free(struct request *request)
{
    free(request->payload);
    free(request->pairs);
    memset(request, 0, sizeof *request);
}

const char *proto_get(const struct request *request, const char *key)
{
    for (size_t i = 0; i < request->count; i++)
        if (strcmp(request->pairs[i].key, key) == 0)
            return request->pairs[i].value;
    return NULL;
}

int proto_require(const struct request *request, const char *key, const char **value, struct failure *failure)
{
    *value = proto_get(request, key);
    if (!*value)
        return fail(failure, STAGE_REQUEST, EINVAL, "%s: key %s is missing", request->op, key);
    return 0;
}

int proto_check_keys(const struct request *request, const char *const *known, struct failure *failure)
{
    for (size_t i = 0; i < request->count; i++) {
        const char *const *name = known;

        while (*name && strcmp(*name, request->pairs[i].key) != 0)
            name++;
        if (!*name)
            return fail(failure, STAGE_REQUEST, EINVAL, "%s: unknown key %.60s", request->op,
                        request->pairs[i].key);
    }
    return 0;
}

int proto_integer(const char *key, const char *text, int64_t low, int64_t high, int64_t *value,
                  struct failure *failure)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 10);
    if (errno || *end || end == text || number < low || number > high)
        return fail(failure, STAGE_REQUEST, EINVAL, "%s: \"%.60s\" is not a number from %lld to %lld", key,
                    text, (long long)low, (long long)high);
    *value = number;
    return 0;
}

static enum proto_result proto_read_head(struct proto_reader *reader)
{
    ssize_t n = read(reader->fd, reader->head + reader->head_size, 4 - reader->head_size);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? PROTO_AGAIN : PROTO_ERROR;
    if (n == 0) {
        errno = EPROTO;
        return reader->head_size ? PROTO_ERROR : PROTO_END;
    }
    reader->head_size += (size_t)n;
    if (reader->head_size < 4)
        return PROTO_AGAIN;
    reader->size = (size_t)reader->head[0] | (size_t)reader->head[1] << 8 | (size_t)reader->head[2] << 16 |
                   (size_t)reader->head[3] << 24;
    if (reader->size > PROTO_MAX_FRAME) {
        errno = EMSGSIZE;
        return PROTO_ERROR;
    }
    reader->have = 0;
    reader->payload = memory_allocate(reader->size, 1);
    return reader->size == 0 ? PROTO_FRAME : PROTO_AGAIN;
}

enum proto_result proto_read(struct proto_reader *reader, char **payload, size_t *size)
{
    ssize_t n = 0;

    if (!reader->payload) {
        enum proto_result result = proto_read_head(reader);
        if (result != PROTO_FRAME)
            return result;
    }
    if (reader->have < reader->size) {
        n = read(reader->fd, reader->payload + reader->have, reader->size - reader->have);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? PROTO_AGAIN : PROTO_ERROR;
        if (n == 0) {
            errno = EPROTO;
            return PROTO_ERROR;
        }
    }
    reader->have += (size_t)n;
    if (reader->have < reader->size)
        return PROTO_AGAIN;
    *payload = reader->payload;
    *size = reader->size;
    reader->payload = NULL;
    reader->head_size = 0;
    return PROTO_FRAME;
}

void proto_reader_free(struct proto_reader *reader)
{
    free(reader->payload);
    reader->payload = NULL;
    reader->head_size = 0;
}
