#include "json.h"

#include "memory.h"
#include "sum64.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void json_raw(struct json *json, const char *text, size_t size)
{
    if (json->size + size > json->capacity) {
        json->capacity = (json->size + size) * 2 + 128;
        json->data = memory_resize(json->data, json->capacity, 1);
    }
    memcpy(json->data + json->size, text, size);
    json->size += size;
}

size_t json_utf8_length(const unsigned char *text, size_t size)
{
    size_t length;
    unsigned char low = 0x80, high = 0xbf;

    if (text[0] < 0x80)
        return 1;
    if (text[0] >= 0xc2 && text[0] <= 0xdf)
        length = 2;
    else if (text[0] >= 0xe0 && text[0] <= 0xef)
        length = 3;
    else if (text[0] >= 0xf0 && text[0] <= 0xf4)
        length = 4;
    else
        return 0;
    if (length > size)
        return 0;
    /* The second byte's range excludes overlong forms, surrogates and what is beyond U+10FFFF. */
    if (text[0] == 0xe0)
        low = 0xa0;
    else if (text[0] == 0xed)
        high = 0x9f;
    else if (text[0] == 0xf0)
        low = 0x90;
    else if (text[0] == 0xf4)
        high = 0x8f;
    if (text[1] < low || text[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (text[i] < 0x80 || text[i] > 0xbf)
            return 0;
    return length;
}

static size_t json_broken_length(const unsigned char *text, size_t size)
{
    size_t length = 1;

    while (length < size && length < 3 && text[length] >= 0x80 && text[length] <= 0xbf)
        length++;
    return text[0] >= 0xc2 && text[0] <= 0xf4 ? length : 1;
}

static void json_escape(struct json *json, unsigned char c)
{
    char text[8];

    switch (c) {
    case '"':
        json_raw(json, "\\\"", 2);
        break;
    case '\\':
        json_raw(json, "\\\\", 2);
        break;
    case '\n':
        json_raw(json, "\\n", 2);
        break;
    case '\r':
        json_raw(json, "\\r", 2);
        break;
    case '\t':
        json_raw(json, "\\t", 2);
        break;
    default:
        snprintf(text, sizeof text, "\\u%04x", c);
        json_raw(json, text, 6);
    }
}

static void json_quoted(struct json *json, const char *value, size_t size)
{
    const unsigned char *text = (const unsigned char *)value;
    size_t i = 0, plain = 0;

    json_raw(json, "\"", 1);
    while (i < size) {
        size_t length = json_utf8_length(text + i, size - i);

        if (length > 1 || (length == 1 && text[i] >= 0x20 && text[i] != '"' && text[i] != '\\')) {
            i += length;
            continue;
        }
        json_raw(json, value + plain, i - plain);
        if (length == 0) {
            json_raw(json, "\xef\xbf\xbd", 3);
            i += json_broken_length(text + i, size - i);
        } else {
            json_escape(json, text[i++]);
        }
        plain = i;
    }
    json_raw(json, value + plain, i - plain);
    json_raw(json, "\"", 1);
}

static void json_key(struct json *json, const char *key)
{
    if (json->comma)
        json_raw(json, ",", 1);
    json->comma = true;
    if (!key)
        return;
    json_quoted(json, key, strlen(key));
    json_raw(json, ":", 1);
}

static void json_open(struct json *json, const char *key, const char *bracket)
{
    json_key(json, key);
    json_raw(json, bracket, 1);
    json->comma = false;
}

static void json_close(struct json *json, const char *bracket)
{
    json_raw(json, bracket, 1);
    json->comma = true;
}

void json_object_begin(struct json *json, const char *key)
{
    json_open(json, key, "{");
}

void json_object_end(struct json *json)
{
    json_close(json, "}");
}

void json_array_begin(struct json *json, const char *key)
{
    json_open(json, key, "[");
}

void json_array_end(struct json *json)
{
    json_close(json, "]");
}

void json_bytes(struct json *json, const char *key, const char *value, size_t size)
{
    json_key(json, key);
    json_quoted(json, value, size);
}

void json_string(struct json *json, const char *key, const char *value)
{
    json_bytes(json, key, value, strlen(value));
}

void json_integer(struct json *json, const char *key, int64_t value)
{
    char text[24];

    json_key(json, key);
    json_raw(json, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)value));
}

void json_boolean(struct json *json, const char *key, bool value)
{
    json_key(json, key);
    json_raw(json, value ? "true" : "false", value ? 4 : 5);
}

void json_base64(struct json *json, const char *key, const char *value, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = (const unsigned char *)value;

    json_key(json, key);
    json_raw(json, "\"", 1);
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        unsigned bits =
            (unsigned)in[i] << 16 | (left > 1 ? (unsigned)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);
        char out[4] = {digits[bits >> 18], digits[bits >> 12 & 63], left > 1 ? digits[bits >> 6 & 63] : '=',
                       left > 2 ? digits[bits & 63] : '='};
        json_raw(json, out, 4);
    }
    json_raw(json, "\"", 1);
}

void json_free(struct json *json)
{
    free(json->data);
    memset(json, 0, sizeof *json);
}

void json_seal(struct json *json, const char *kind)
{
    struct json text = {0};
    char seal[40];

    json->size--; /* the bracket comes after the seal */
    json_raw(&text, kind, strlen(kind));
    json_raw(&text, "\n", 1);
    json_raw(&text, json->data, json->size);
    snprintf(seal, sizeof seal, ",\n \"seal\": \"%016llx\"\n}",
             (unsigned long long)sum64(text.data, text.size));
    json_free(&text);
    json_raw(json, seal, strlen(seal));
}

void json_end_line(struct json *json)
{
    json_raw(json, "\n", 1);
}

int json_write_line(struct json *json, int fd)
{
    size_t done = 0;

    json_end_line(json);
    while (done < json->size) {
        ssize_t n = write(fd, json->data + done, json->size - done);

        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return 0;
}

void json_reply_begin(struct json *json, const char *id)
{
    json_object_begin(json, NULL);
    if (id)
        json_string(json, "id", id);
    json_boolean(json, "ok", true);
}

static void json_failure(struct json *json, const char *id, const struct failure *failure)
{
    json_object_begin(json, NULL);
    if (id)
        json_string(json, "id", id);
    json_boolean(json, "ok", false);
    json_string(json, "stage", error_stage_name(failure->stage));
    json_string(json, "errno", error_errno_name(failure->error));
    json_string(json, "message", failure->text);
    json_object_end(json);
}

void json_failure_line(struct json *json, const char *id, const struct failure *failure)
{
    json_failure(json, id, failure);
    json_end_line(json);
}

int json_write_failure(int fd, const char *id, const struct failure *failure)
{
    struct json json = {0};
    int result;

    json_failure(&json, id, failure);
    result = json_write_line(&json, fd);
    json_free(&json);
    return result;
}

int json_write_ok(int fd, const char *id)
{
    struct json json = {0};
    int result;

    json_reply_begin(&json, id);
    json_object_end(&json);
    result = json_write_line(&json, fd);
    json_free(&json);
    return result;
}
