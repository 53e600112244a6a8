#include "backlog.h"
#include "detach-keys.h"
#include "stream.h"
#include "timestamp.h"

#include "check.h"

#include <fcntl.h>
#include <sys/socket.h>

/* Decodes in portions of `portion` bytes: `K:data;` for each piece. */
static const char *decode(const char *data, size_t size, size_t portion)
{
    static char out[4096];
    struct stream_decoder decoder = {0};
    size_t done = 0, length = 0;

    while (done < size) {
        size_t part = size - done < portion ? size - done : portion;
        struct stream_piece piece;
        bool found;
        ssize_t taken = stream_decode(&decoder, (const unsigned char *)data + done, part, &piece, &found);

        if (taken < 0)
            return "broken";
        CHECK(taken > 0);
        done += (size_t)taken;
        if (found)
            length += (size_t)snprintf(out + length, sizeof out - length, "%d:%.*s;", piece.kind,
                                       (int)piece.size, (const char *)piece.data);
    }
    out[length] = '\0';
    return out;
}

static void frames_are_found_in_any_portions(void)
{
    const char data[] = "\0\3\0\0\0abc"
                        "\4\4\0\0\0rrcc"
                        "\0\0\0\0\0"
                        "\3\2\0\0\0{}"
                        "\5\1\0\0\0S";
    size_t size = sizeof data - 1;

    CHECK_TEXT(decode(data, size, 1000), "0:abc;4:rrcc;0:;3:{};5:S;");
    CHECK_TEXT(decode(data, size, 1), "0:a;0:b;0:c;4:rrcc;0:;3:{};5:S;");
    CHECK_TEXT(decode(data, size, 7), "0:ab;0:c;4:rrcc;0:;3:{};5:S;");
}

static void what_is_no_frame_is_refused(void)
{
    CHECK_TEXT(decode("\x06\0\0\0\0", 5, 5), "broken");
    CHECK_TEXT(decode("\4\1\4\0\0", 5, 5), "broken");
    CHECK_TEXT(decode("\xff\xff\xff\xff\xff", 5, 1), "broken");
}

static void a_head_carries_kind_and_length(void)
{
    unsigned char head[STREAM_HEAD];

    stream_head(head, STREAM_STDERR, 0x01020304);
    CHECK(memcmp(head, "\2\4\3\2\1", STREAM_HEAD) == 0);
}

static const char *typed(struct detach_keys *keys, const char *text, bool wanted)
{
    static char out[64];
    size_t size;

    CHECK_INT(detach_keys_filter(keys, text, strlen(text), out, &size), wanted);
    out[size] = '\0';
    return out;
}

static void keys_detach_and_everything_else_passes(void)
{
    struct detach_keys keys = {.keys = "\x10\x11"}, none = {0};

    CHECK_TEXT(typed(&keys, "abc", false), "abc");
    CHECK_TEXT(typed(&keys, "a\x10", false), "a");
    CHECK_TEXT(typed(&keys, "b", false), "\x10"
                                         "b");
    CHECK_TEXT(typed(&keys, "\x10\x10", false), "\x10");
    CHECK_TEXT(typed(&keys, "\x11rest", true), "");
    CHECK_TEXT(typed(&none, "\x10\x11", false), "\x10\x11");
}

static void a_backlog_keeps_the_order_of_what_does_not_go_at_once(void)
{
    struct backlog backlog = {0};
    static char data[300000], seen[300000];
    size_t have = 0;
    int ends[2];

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 7 + i / 251);
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    for (size_t i = 0; i < sizeof data; i += 50000)
        CHECK(backlog_send(&backlog, ends[0], data + i, 50000));
    CHECK(backlog.size > 0);
    while (have < sizeof seen) {
        ssize_t n = read(ends[1], seen + have, sizeof seen - have);

        CHECK(n > 0);
        have += (size_t)n;
        CHECK(backlog_flush(&backlog, ends[0]));
    }
    CHECK(memcmp(data, seen, sizeof data) == 0);
    CHECK_INT(backlog.size, 0);
    backlog_append(&backlog, "x", 1);
    backlog_free(&backlog);
    close(ends[0]);
    close(ends[1]);
}

static void times_are_rfc_3339(void)
{
    char text[TIMESTAMP_SIZE];

    timestamp_format(text, (struct timespec){0});
    CHECK_TEXT(text, "");
    timestamp_format(text, (struct timespec){1709164799, 5});
    CHECK_TEXT(text, "2024-02-28T23:59:59.000000005Z");
    timestamp_format(text, (struct timespec){1709164800, 0});
    CHECK_TEXT(text, "2024-02-29T00:00:00.000000000Z");
    timestamp_format(text, (struct timespec){4107542400, 999999999});
    CHECK_TEXT(text, "2100-03-01T00:00:00.999999999Z");
}

int main(void)
{
    frames_are_found_in_any_portions();
    what_is_no_frame_is_refused();
    a_head_carries_kind_and_length();
    keys_detach_and_everything_else_passes();
    a_backlog_keeps_the_order_of_what_does_not_go_at_once();
    times_are_rfc_3339();
    return 0;
}
