#include "check.h"
#include "passwd.h"

static void broken_lines_are_skipped(void)
{
    char text[] = "# "
                  "comment\n\nroot:x:0:0:root:/root:/bin/sh\nbad:x:zz:0::/:\nshort:x\nweb:x:33:44\n:x:1:1::/"
                  ":\nbig:x:4294967295:1::/:\nlast:x:5:6:a:b";
    char *cursor = text;
    struct passwd_entry entry;

    CHECK(passwd_next(&cursor, &entry));
    CHECK_TEXT(entry.name, "root");
    CHECK_TEXT(entry.home, "/root");
    CHECK(passwd_next(&cursor, &entry));
    CHECK_TEXT(entry.name, "web");
    CHECK_INT(entry.uid, 33);
    CHECK_INT(entry.gid, 44);
    CHECK_TEXT(entry.home, "");
    CHECK(passwd_next(&cursor, &entry));
    CHECK_TEXT(entry.name, "last");
    CHECK_TEXT(entry.home, "b");
    CHECK(!passwd_next(&cursor, &entry));
    CHECK(!passwd_next(&cursor, &entry));
}

static void members_match_whole_names(void)
{
    char text[] = "a:x:1:web,db\nb:x:2:webber\nc:x:3\nd:x:4:,web\n";
    char *cursor = text;
    struct group_entry entry;
    const int wanted[] = {1, 0, 0, 1};

    for (size_t i = 0; i < 4; i++) {
        CHECK(group_next(&cursor, &entry));
        CHECK_INT(group_has_member(&entry, "web"), wanted[i]);
        CHECK_INT(entry.gid, i + 1);
    }
    CHECK(!group_next(&cursor, &entry));
}

static void ids_are_whole_numbers(void)
{
    unsigned id;

    CHECK(passwd_parse_id("4294967294", &id));
    CHECK_INT(id, 4294967294);
    CHECK(!passwd_parse_id("4294967295", &id));
    CHECK(!passwd_parse_id("99999999999999999999999", &id));
    CHECK(!passwd_parse_id("-1", &id));
    CHECK(!passwd_parse_id("1x", &id));
    CHECK(!passwd_parse_id("", &id));
}

int main(void)
{
    broken_lines_are_skipped();
    members_match_whole_names();
    ids_are_whole_numbers();
    return 0;
}
