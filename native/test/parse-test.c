#include "base64.h"
#include "check.h"
#include "device.h"
#include "mount-options.h"
#include "procstat.h"

#include <sys/mount.h>

static void a_command_may_hold_parentheses(void)
{
    struct procstat stat;

    CHECK_INT(
        procstat_parse("12 (a) S 1 (b)) S 7 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 2\n", &stat),
        0);
    CHECK_TEXT(stat.name, "a) S 1 (b)");
    CHECK_INT(stat.state, 'S');
    CHECK_INT(stat.parent, 7);
    CHECK_INT(stat.start, 98765);
    CHECK_INT(procstat_parse("12 (a) S 7 1 1", &stat), -1);
    CHECK_INT(procstat_parse("", &stat), -1);
    CHECK_INT(procstat_parse("12 (a)", &stat), -1);
    CHECK_INT(procstat_read(getpid(), &stat), 0);
    CHECK_INT(stat.parent, getppid());
    CHECK(stat.start > 0);
}

static void base64_is_strict(void)
{
    unsigned char out[16];

    CHECK_INT(base64_decode("YWJj", out), 3);
    CHECK(memcmp(out, "abc", 3) == 0);
    CHECK_INT(base64_decode("AA==", out), 1);
    CHECK_INT(out[0], 0);
    CHECK_INT(base64_decode("", out), 0);
    CHECK_INT(base64_decode("YWJ", out), -1);
    CHECK_INT(base64_decode("YW=j", out), -1);
    CHECK_INT(base64_decode("YW j", out), -1);
    CHECK_INT(base64_decode("====", out), -1);
}

static void device_rules_are_checked(void)
{
    static const char *const broken[] = {"",      "c",        "c 1:3",    "c 1:3 ", "x 1:3 r",
                                         "c 1 r", "c -1:3 r", "c 1:3 rx", "c1:3 r"};
    struct device_rule rule;
    struct failure failure;

    CHECK_INT(device_parse_rule("b *:7 rm", &rule, &failure), 0);
    CHECK_INT(rule.type, 'b');
    CHECK_INT(rule.major, -1);
    CHECK_INT(rule.minor, 7);
    CHECK_INT(rule.access, DEVICE_READ | DEVICE_MKNOD);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        CHECK_INT(device_parse_rule(broken[i], &rule, &failure), -1);
}

static void mount_options_are_taken_apart(void)
{
    struct mount_options options;

    mount_options_parse("ro,nosuid,,size=64m,rslave,rbind,mode=700,rw,noatime", &options);
    CHECK(options.set == (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOATIME));
    CHECK(options.clear == (MOUNT_ATTR_RDONLY | MOUNT_ATTR__ATIME));
    CHECK(options.propagation == MS_SLAVE);
    CHECK(options.propagation_recursive);
    CHECK(options.recursive);
    CHECK_TEXT(options.data[0], "size=64m");
    CHECK_TEXT(options.data[1], "mode=700");
    CHECK(options.data[2] == NULL);
    mount_options_free(&options);
    mount_options_parse(NULL, &options);
    CHECK(options.data[0] == NULL);
    mount_options_free(&options);
}

int main(void)
{
    a_command_may_hold_parentheses();
    base64_is_strict();
    device_rules_are_checked();
    mount_options_are_taken_apart();
    return 0;
}
