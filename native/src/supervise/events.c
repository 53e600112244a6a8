#include "events.h"

#include "cleanup.h"
#include "json.h"
#include "memory.h"
#include "timestamp.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVENT_LOG_LIMIT (4 << 20)

static void event_attribute(struct json *json, const char *pair)
{
    const char *equals = strchr(pair, '=');
    char key[256];

    if (!equals || (size_t)(equals - pair) >= sizeof key)
        return;
    memcpy(key, pair, (size_t)(equals - pair));
    key[equals - pair] = '\0';
    json_string(json, key, equals + 1);
}

/* Many processes write here. The lock is on the file itself, so one of them renames it, and only while it
 * still has the name. */
static void event_rotate(int fd, const char *path)
{
    CLEANUP_FREE char *old = NULL;
    struct stat open_file, named;

    if (fstat(fd, &open_file) || open_file.st_size < EVENT_LOG_LIMIT || flock(fd, LOCK_EX | LOCK_NB) ||
        stat(path, &named) || named.st_ino != open_file.st_ino || named.st_dev != open_file.st_dev)
        return;
    old = memory_format("%s.1", path);
    rename(path, old);
}

void event_write(const struct event_source *source, const char *action, const char *const *more)
{
    struct timespec now = timestamp_now();
    struct json json = {0};
    CLEANUP_FD int fd = -1;

    if (!source->path)
        return;
    fd = open(source->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    json_object_begin(&json, NULL);
    json_string(&json, "type", "container");
    json_string(&json, "action", action);
    json_string(&json, "id", source->id);
    json_integer(&json, "time", now.tv_sec);
    json_integer(&json, "timeNano", (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
    json_object_begin(&json, "attributes");
    for (size_t i = 0; i < source->attributes->count; i++)
        event_attribute(&json, source->attributes->items[i]);
    for (; more && *more; more++)
        event_attribute(&json, *more);
    json_object_end(&json);
    json_object_end(&json);
    json_write_line(&json, fd);
    json_free(&json);
    event_rotate(fd, source->path);
}
