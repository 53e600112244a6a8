#include "cleanup.h"
#include "file.h"
#include "memory.h"
#include "passwd.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define USER_FILE_MAX (16u << 20)

/* The file's text, or an empty one when it is missing or not a plain file. Not blocking: it may be a FIFO. */
static char *user_read_file(const char *path)
{
    CLEANUP_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    char *text;
    size_t size;

    if (fd < 0 || file_read(fd, USER_FILE_MAX, &text, &size))
        return memory_copy_string("");
    return text;
}

static void user_add_group(struct process_user *user, unsigned gid)
{
    for (size_t i = 0; i < user->group_count; i++)
        if (user->groups[i] == gid)
            return;
    user->groups = memory_resize(user->groups, user->group_count + 1, sizeof *user->groups);
    user->groups[user->group_count++] = gid;
}

/* The first line whose name is `wanted`, or whose uid it is; as an empty name, the line of root. */
static bool user_find(char *text, const char *wanted, struct passwd_entry *entry)
{
    unsigned id = 0;
    bool numeric = !*wanted || passwd_parse_id(wanted, &id);

    while (passwd_next(&text, entry))
        if (strcmp(entry->name, wanted) == 0 || (numeric && entry->uid == id))
            return true;
    return false;
}

static bool user_find_group(const char *groups, const char *wanted, unsigned *gid)
{
    CLEANUP_FREE char *text = memory_copy_string(groups);
    char *cursor = text;
    struct group_entry entry;
    unsigned id = 0;
    bool numeric = passwd_parse_id(wanted, &id);

    while (group_next(&cursor, &entry))
        if (strcmp(entry.name, wanted) == 0 || (numeric && entry.gid == id)) {
            *gid = entry.gid;
            return true;
        }
    *gid = id;
    return numeric;
}

/* The groups that list the user, in no particular order. */
static void user_add_memberships(struct process_user *user, const char *groups, const char *name)
{
    CLEANUP_FREE char *text = memory_copy_string(groups);
    char *cursor = text;
    struct group_entry entry;

    while (group_next(&cursor, &entry))
        if (group_has_member(&entry, name))
            user_add_group(user, entry.gid);
}

static int user_add_requested(struct process_user *user, const char *groups, const struct string_list *wanted,
                              struct failure *failure)
{
    unsigned gid;

    for (size_t i = 0; i < wanted->count; i++) {
        if (!user_find_group(groups, wanted->items[i], &gid))
            return fail(failure, STAGE_USER, 0,
                        "unable to find group %.100s: no matching entries in group file", wanted->items[i]);
        user_add_group(user, gid);
    }
    return user->group_count > NGROUPS_MAX ? fail(failure, STAGE_USER, 0, "too many groups") : 0;
}

static int user_fail_unknown(const char *name, struct failure *failure)
{
    const char *digits = name + (*name == '-');

    if (*digits && strspn(digits, "0123456789") == strlen(digits))
        return fail(failure, STAGE_USER, 0, "user %.100s: uids and gids must be in range 0-4294967294", name);
    return fail(failure, STAGE_USER, 0, "unable to find user %.100s: no matching entries in passwd file",
                name);
}

int process_find_user(const struct process_spec *spec, struct process_user *user, struct failure *failure)
{
    CLEANUP_FREE char *passwd = user_read_file("/etc/passwd");
    CLEANUP_FREE char *groups = user_read_file("/etc/group");
    CLEANUP_FREE char *name = memory_copy_string(spec->user ? spec->user : "");
    char *group = strchr(name, ':');
    struct passwd_entry entry;
    bool found;

    *user = (struct process_user){0};
    if (group)
        *group++ = '\0';
    found = user_find(passwd, name, &entry);
    if (found) {
        user->uid = entry.uid;
        user->gid = entry.gid;
    } else if (*name && !passwd_parse_id(name, &user->uid)) {
        return user_fail_unknown(name, failure);
    }
    if (group && *group && !user_find_group(groups, group, &user->gid))
        return fail(failure, STAGE_USER, 0, "unable to find group %.100s: no matching entries in group file",
                    group);
    user->home = memory_copy_string(found && *entry.home ? entry.home : "/");
    user_add_group(user, user->gid);
    if (found && !(group && *group))
        user_add_memberships(user, groups, entry.name);
    return user_add_requested(user, groups, &spec->group, failure);
}
