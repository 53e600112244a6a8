#include "passwd.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PASSWD_MAX_FIELDS 7

bool passwd_parse_id(const char *text, unsigned *id)
{
    uint64_t value = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        value = value * 10 + (uint64_t)(*text - '0');
        /* (uid_t)-1 means "leave it" to the kernel */
        if (value >= UINT32_MAX)
            return false;
    }
    *id = (unsigned)value;
    return true;
}

/* Splits the next line at its colons; the number of fields, 0 at the end of the text. */
static size_t passwd_split(char **cursor, char *fields[PASSWD_MAX_FIELDS])
{
    char *line = strsep(cursor, "\n");
    size_t count = 0;

    if (!line)
        return 0;
    while (count < PASSWD_MAX_FIELDS && (fields[count] = strsep(&line, ":")))
        count++;
    return count;
}

bool passwd_next(char **cursor, struct passwd_entry *entry)
{
    char *fields[PASSWD_MAX_FIELDS];
    size_t count;

    while ((count = passwd_split(cursor, fields)) > 0) {
        if (count < 4 || !*fields[0] || *fields[0] == '#' || !passwd_parse_id(fields[2], &entry->uid) ||
            !passwd_parse_id(fields[3], &entry->gid))
            continue;
        entry->name = fields[0];
        entry->home = count > 5 ? fields[5] : "";
        return true;
    }
    return false;
}

bool group_next(char **cursor, struct group_entry *entry)
{
    char *fields[PASSWD_MAX_FIELDS];
    size_t count;
    static char none[1];

    while ((count = passwd_split(cursor, fields)) > 0) {
        if (count < 3 || !*fields[0] || *fields[0] == '#' || !passwd_parse_id(fields[2], &entry->gid))
            continue;
        entry->name = fields[0];
        entry->members = count > 3 ? fields[3] : none;
        return true;
    }
    return false;
}

bool group_has_member(const struct group_entry *entry, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = entry->members; *at; at += strcspn(at, ",")) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
        if (*at == '\0')
            break;
    }
    return false;
}
