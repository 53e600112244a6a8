#include "check.h"
#include "json.h"

#include <fcntl.h>
#include <unistd.h>

static char *text_of(struct json *json)
{
    static char text[1024];

    memcpy(text, json->data, json->size);
    text[json->size] = '\0';
    json_free(json);
    return text;
}

static void values_nest(void)
{
    struct json json = {0};

    json_object_begin(&json, NULL);
    json_string(&json, "a", "x\"\\\n\t\x01");
    json_array_begin(&json, "b");
    json_integer(&json, NULL, -5);
    json_boolean(&json, NULL, false);
    json_object_begin(&json, NULL);
    json_object_end(&json);
    json_array_end(&json);
    json_integer(&json, "c", INT64_MIN);
    json_object_end(&json);
    CHECK_TEXT(text_of(&json),
               "{\"a\":\"x\\\"\\\\\\n\\t\\u0001\",\"b\":[-5,false,{}],\"c\":-9223372036854775808}");
}

static void broken_utf8_becomes_the_replacement_character(void)
{
    static const struct {
        const char *bytes, *wanted;
    } cases[] = {
        {"\xc3\xa4", "\"\xc3\xa4\""},
        {"\xf0\x9f\x90\xb3", "\"\xf0\x9f\x90\xb3\""},
        {"a\xff"
         "b",
         "\"a\xef\xbf\xbd"
         "b\""},
        {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xe4\xbd"
         "x",
         "\"\xef\xbf\xbdx\""},
        {"\xe4", "\"\xef\xbf\xbd\""},
        {"\xed\xa0\x80", NULL},
        {"\xf4\x90\x80\x80", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json json = {0};

        json_string(&json, NULL, cases[i].bytes);
        if (cases[i].wanted)
            CHECK_TEXT(text_of(&json), cases[i].wanted);
        else
            CHECK(strstr(text_of(&json), "\xef\xbf\xbd") != NULL);
    }
}

static void base64_pads(void)
{
    static const char *const wanted[] = {"\"\"", "\"YQ==\"", "\"YWI=\"", "\"YWJj\""};

    for (size_t i = 0; i < 4; i++) {
        struct json json = {0};

        json_base64(&json, NULL, "abc", i);
        CHECK_TEXT(text_of(&json), wanted[i]);
    }
}

static void a_failure_is_one_line(void)
{
    struct failure failure;
    char line[256];
    int ends[2];
    ssize_t n;

    CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
    fail(&failure, STAGE_MOUNT, 2, "cannot open %s", "/x");
    CHECK_INT(json_write_failure(ends[1], "9", &failure), 0);
    n = read(ends[0], line, sizeof line - 1);
    CHECK(n > 0);
    line[n] = '\0';
    CHECK_TEXT(line, "{\"id\":\"9\",\"ok\":false,\"stage\":\"mount\",\"errno\":\"ENOENT\",\"message\":"
                     "\"cannot open /x\"}\n");
    close(ends[0]);
    close(ends[1]);
}

/* The same as `sealed` of src/runtime/store/seal.ts gives, for texts that end at each place of a word. */
static void a_seal_is_the_orchestrators(void)
{
    static const struct {
        const char *name, *wanted;
    } cases[] = {
        {"", "13524b6ad16e16d3"},
        {"a", "5b77390ff2ce1a50"},
        {"ab", "42aefff7f2ce0d38"},
        {"\xc3\xa4\xf0\x9f\x90\xb3", "53c9d6df4eecf1b7"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json json = {0};
        char wanted[128];

        json_object_begin(&json, NULL);
        json_string(&json, "name", cases[i].name);
        json_object_end(&json);
        json_seal(&json, "thing 1");
        snprintf(wanted, sizeof wanted, "{\"name\":\"%s\",\n \"seal\": \"%s\"\n}", cases[i].name,
                 cases[i].wanted);
        CHECK_TEXT(text_of(&json), wanted);
    }
}

int main(void)
{
    a_seal_is_the_orchestrators();
    values_nest();
    broken_utf8_becomes_the_replacement_character();
    base64_pads();
    a_failure_is_one_line();
    return 0;
}
