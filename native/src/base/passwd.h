#ifndef PASSWD_H
#define PASSWD_H

#include <stdbool.h>

/* Own parsers: the files are an image's, so nothing of them is trusted, and libc's would read the host's. */

struct passwd_entry {
    const char *name;
    unsigned uid, gid;
    const char *home;
};

struct group_entry {
    const char *name;
    unsigned gid;
    char *members; /* comma list */
};

/* The next well-formed line of the text at *cursor, which is cut into strings on the way; false at the end.
 * Comments, blank and broken lines are skipped. */
bool passwd_next(char **cursor, struct passwd_entry *entry);
bool group_next(char **cursor, struct group_entry *entry);
bool group_has_member(const struct group_entry *entry, const char *name);

/* A whole decimal number that fits an id. */
bool passwd_parse_id(const char *text, unsigned *id);

#endif
