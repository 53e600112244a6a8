#include "check.h"
#include "proto.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FRAME(text) text, sizeof text

static int decode(const char *text, size_t size, struct request *request, struct failure *failure)
{
    char *copy = malloc(size ? size : 1);

    memcpy(copy, text, size);
    return proto_decode(copy, size, request, failure);
}

static void pairs_keep_their_order_and_lists(void)
{
    struct request request;
    struct failure failure;

    CHECK_INT(decode(FRAME("7\0start\0a=1\0b=x=y\0a="), &request, &failure), 0);
    CHECK_TEXT(request.id, "7");
    CHECK_TEXT(request.op, "start");
    CHECK_INT(request.count, 3);
    CHECK_TEXT(request.pairs[1].value, "x=y");
    CHECK_TEXT(request.pairs[2].key, "a");
    CHECK_TEXT(request.pairs[2].value, "");
    CHECK_TEXT(proto_get(&request, "a"), "1");
    CHECK(proto_get(&request, "c") == NULL);
    proto_free(&request);
}

static void broken_frames_are_refused(void)
{
    static const struct {
        const char *text;
        size_t size;
    } broken[] = {
        {"", 0},          {"7", 1}, {FRAME("7")}, {FRAME("7\0op\0novalue")}, {FRAME("7\0op\0=value")},
        {"7\0op\0a=1", 8}};

    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct request request;
        struct failure failure;

        CHECK_INT(decode(broken[i].text, broken[i].size, &request, &failure), -1);
        CHECK_INT(failure.stage, STAGE_REQUEST);
        proto_free(&request);
    }
}

static void a_frame_in_pieces_is_put_together(void)
{
    static const char frame[] = {5, 0, 0, 0, '1', 0, 'o', 'p', 0};
    struct proto_reader reader = {0};
    char *payload;
    size_t size;
    int ends[2];

    CHECK_INT(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    reader.fd = ends[0];
    for (size_t i = 0; i < sizeof frame; i++) {
        CHECK_INT(proto_read(&reader, &payload, &size), PROTO_AGAIN);
        CHECK_INT(write(ends[1], frame + i, 1), 1);
    }
    CHECK_INT(proto_read(&reader, &payload, &size), PROTO_FRAME);
    CHECK_INT(size, 5);
    CHECK_TEXT(payload + 2, "op");
    free(payload);
    close(ends[1]);
    CHECK_INT(proto_read(&reader, &payload, &size), PROTO_END);
    close(ends[0]);
}

static void a_frame_beyond_the_limit_is_an_error(void)
{
    struct proto_reader reader = {0};
    char *payload;
    size_t size;
    int ends[2];

    CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
    reader.fd = ends[0];
    CHECK_INT(write(ends[1], "\xff\xff\xff\xff", 4), 4);
    CHECK_INT(proto_read(&reader, &payload, &size), PROTO_ERROR);
    CHECK_INT(errno, EMSGSIZE);
    close(ends[0]);
    close(ends[1]);
}

static void numbers_are_whole_and_within_their_range(void)
{
    struct failure failure;
    int64_t value;

    CHECK_INT(proto_integer("k", "-12", -20, 5, &value, &failure), 0);
    CHECK_INT(value, -12);
    CHECK_INT(proto_integer("k", "6", -20, 5, &value, &failure), -1);
    CHECK_INT(proto_integer("k", "", -20, 5, &value, &failure), -1);
    CHECK_INT(proto_integer("k", "1x", -20, 5, &value, &failure), -1);
    CHECK_INT(proto_integer("k", "99999999999999999999", 0, INT64_MAX, &value, &failure), -1);
}

int main(void)
{
    pairs_keep_their_order_and_lists();
    broken_frames_are_refused();
    a_frame_in_pieces_is_put_together();
    a_frame_beyond_the_limit_is_an_error();
    numbers_are_whole_and_within_their_range();
    return 0;
}
