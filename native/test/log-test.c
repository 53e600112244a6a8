#include "log.h"

#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char folder[] = "/tmp/log-test-XXXXXX";
static char path[64];
static char content[1 << 20];
static struct log log_;

static const char *read_file(const char *suffix)
{
    char name[80];
    int fd;
    ssize_t n;

    snprintf(name, sizeof name, "%s%s", path, suffix);
    fd = open(name, O_RDONLY);
    n = fd < 0 ? -1 : read(fd, content, sizeof content - 1);
    if (fd >= 0)
        close(fd);
    content[n > 0 ? n : 0] = '\0';
    return n < 0 ? NULL : content;
}

/* The texts of the entries alone, each in brackets. */
static const char *texts(const char *suffix)
{
    static char out[1 << 20];
    const char *at = read_file(suffix);
    size_t size = 0;

    while (at && (at = strstr(at, "{\"log\":\""))) {
        const char *end = strstr(at, "\",\"stream\":");

        CHECK(end != NULL);
        at += 8;
        size += (size_t)snprintf(out + size, sizeof out - size, "[%.*s]", (int)(end - at), at);
    }
    out[size] = '\0';
    return out;
}

static void begin(int64_t max_size, unsigned max_file)
{
    char name[96];

    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, i ? "%s.%d" : "%s", path, i);
        unlink(name);
    }
    CHECK_INT(log_open(&log_, path, max_size, max_file), 0);
}

static void put(enum log_stream stream, const char *text)
{
    log_write(&log_, stream, text, strlen(text));
}

static void lines_are_entries_with_stream_and_time(void)
{
    begin(0, 1);
    put(LOG_STDOUT, "one\n\ntwo\n");
    put(LOG_STDERR, "three\n");
    log_close(&log_);
    CHECK_TEXT(texts(""), "[one\\n][\\n][two\\n][three\\n]");
    CHECK(strstr(content, "\"stream\":\"stderr\",\"time\":\"20") != NULL);
    CHECK(strstr(content, "Z\"}\n") != NULL);
}

static void an_unfinished_line_waits_and_is_written_at_the_end(void)
{
    begin(0, 1);
    put(LOG_STDOUT, "par");
    put(LOG_STDERR, "other");
    CHECK_TEXT(texts(""), "");
    put(LOG_STDOUT, "tial\nlast");
    CHECK_TEXT(texts(""), "[partial\\n]");
    log_rest(&log_);
    log_end(&log_);
    CHECK_TEXT(texts(""), "[partial\\n][last][other]");
    log_close(&log_);
}

static void a_long_line_is_split_at_16_kib(void)
{
    char *line = malloc(LOG_LINE_LIMIT * 2 + 10);

    memset(line, 'x', LOG_LINE_LIMIT * 2 + 10);
    line[LOG_LINE_LIMIT * 2 + 9] = '\n';
    begin(0, 1);
    log_write(&log_, LOG_STDOUT, line, LOG_LINE_LIMIT * 2 + 10);
    log_close(&log_);
    CHECK_INT(strlen(texts("")), LOG_LINE_LIMIT * 2 + 9 + 2 + 6);
    CHECK(strstr(content, "x\",\"stream\"") != NULL);
    free(line);
}

static void a_split_does_not_cut_a_character(void)
{
    char *line = malloc(LOG_LINE_LIMIT + 10);

    memset(line, 'x', LOG_LINE_LIMIT + 10);
    memcpy(line + LOG_LINE_LIMIT - 2, "\xe2\x82\xac\n", 4);
    begin(0, 1);
    log_write(&log_, LOG_STDOUT, line, LOG_LINE_LIMIT + 2);
    log_close(&log_);
    CHECK(strstr(texts(""), "][\xe2\x82\xac\\n]") != NULL);
    free(line);
}

static void bytes_that_are_no_text_are_replaced_and_controls_escaped(void)
{
    begin(0, 1);
    put(LOG_STDOUT, "a\xff\xfe"
                    "b\x01\t\"\\\r\x7f\xc3\xa4\n");
    log_close(&log_);
    CHECK_TEXT(texts(""), "[a\xef\xbf\xbd\xef\xbf\xbd"
                          "b\\u0001\\t\\\"\\\\\\r\x7f\xc3\xa4\\n]");
}

static void files_are_rotated_by_size(void)
{
    begin(200, 3);
    for (int i = 0; i < 8; i++) {
        char text[16];

        snprintf(text, sizeof text, "%d\n", i);
        put(LOG_STDOUT, text);
    }
    log_close(&log_);
    CHECK_TEXT(texts(""), "[6\\n][7\\n]");
    CHECK_TEXT(texts(".1"), "[4\\n][5\\n]");
    CHECK_TEXT(texts(".2"), "[2\\n][3\\n]");
    CHECK(read_file(".3") == NULL);
}

static void one_batch_is_rotated_line_by_line(void)
{
    begin(200, 2);
    put(LOG_STDOUT, "0\n1\n2\n3\n4\n");
    log_close(&log_);
    CHECK_TEXT(texts(""), "[4\\n]");
    CHECK_TEXT(texts(".1"), "[2\\n][3\\n]");
}

static void one_file_alone_begins_anew(void)
{
    begin(200, 1);
    put(LOG_STDOUT, "0\n1\n2\n");
    log_close(&log_);
    CHECK_TEXT(texts(""), "[2\\n]");
    CHECK(read_file(".1") == NULL);
}

static void a_log_goes_on_after_half_a_line(void)
{
    int fd;

    begin(0, 1);
    put(LOG_STDOUT, "whole\n");
    log_close(&log_);
    fd = open(path, O_WRONLY | O_APPEND);
    CHECK_INT(write(fd, "{\"lo", 4), 4);
    close(fd);
    CHECK_INT(log_open(&log_, path, 0, 1), 0);
    put(LOG_STDOUT, "next\n");
    log_close(&log_);
    CHECK_TEXT(texts(""), "[whole\\n][next\\n]");
    CHECK(strstr(content, "{\"lo\n{\"log\"") != NULL);
}

/* A limit on the file's size stands for a full disk: writes come back short, then fail. */
static void a_full_disk_loses_lines_but_keeps_whole_ones(void)
{
    struct rlimit limit = {300, RLIM_INFINITY};

    begin(0, 1);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    for (int i = 0; i < 20; i++)
        put(LOG_STDOUT, "some line of text\n");
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    put(LOG_STDOUT, "room again\n");
    log_close(&log_);
    CHECK_TEXT(texts(""),
               "[some line of text\\n][some line of text\\n][some line of text\\n][room again\\n]");
}

static void without_a_file_nothing_happens(void)
{
    struct log none = {.fd = -1};

    log_write(&none, LOG_STDOUT, "x", 1);
    log_close(&none);
}

int main(void)
{
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/log", folder);
    lines_are_entries_with_stream_and_time();
    an_unfinished_line_waits_and_is_written_at_the_end();
    a_long_line_is_split_at_16_kib();
    a_split_does_not_cut_a_character();
    bytes_that_are_no_text_are_replaced_and_controls_escaped();
    files_are_rotated_by_size();
    one_batch_is_rotated_line_by_line();
    one_file_alone_begins_anew();
    a_log_goes_on_after_half_a_line();
    a_full_disk_loses_lines_but_keeps_whole_ones();
    without_a_file_nothing_happens();
    begin(0, 1);
    log_close(&log_);
    unlink(path);
    CHECK_INT(rmdir(folder), 0);
    return 0;
}
