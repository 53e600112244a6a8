#include "state.h"

#include "cleanup.h"
#include "json.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const status_names[] = {
    [STATUS_CREATED] = "created",       [STATUS_RUNNING] = "running", [STATUS_PAUSED] = "paused",
    [STATUS_RESTARTING] = "restarting", [STATUS_EXITED] = "exited",
};

static void state_time(struct json *json, const char *key, struct timespec time)
{
    char text[TIMESTAMP_SIZE];

    timestamp_format(text, time);
    json_string(json, key, text);
}

static void state_health(struct json *json, const struct health *health)
{
    json_object_begin(json, "health");
    json_string(json, "status", health_status_name(health->status));
    json_integer(json, "failingStreak", health->streak);
    json_array_begin(json, "log");
    for (size_t i = 0; i < health->log_count; i++) {
        const struct health_probe *probe = &health->log[i];

        json_object_begin(json, NULL);
        state_time(json, "start", probe->start);
        state_time(json, "end", probe->end);
        json_integer(json, "exitCode", probe->code);
        json_bytes(json, "output", probe->output ? probe->output : "", probe->output_size);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static void state_text(struct json *json, const struct state *state)
{
    json_object_begin(json, NULL);
    json_integer(json, "version", 1);
    json_string(json, "id", state->id);
    json_string(json, "status", status_names[state->status]);
    json_object_begin(json, "supervisor");
    json_integer(json, "pid", state->supervisor);
    json_integer(json, "start", (int64_t)state->supervisor_start);
    json_object_end(json);
    json_integer(json, "pid", state->pid);
    json_integer(json, "pidStart", (int64_t)state->pid_start);
    state_time(json, "startedAt", state->started);
    state_time(json, "finishedAt", state->finished);
    json_integer(json, "exitCode", state->exit_code);
    json_boolean(json, "oomKilled", state->oom_killed);
    json_string(json, "error", state->error);
    json_integer(json, "restartCount", state->restart_count);
    json_boolean(json, "stoppedByUser", state->stopped_by_user);
    json_boolean(json, "autoRemove", state->auto_remove);
    if (state->health && state->health->status != HEALTH_NONE)
        state_health(json, state->health);
    json_object_end(json);
}

/* The rename itself reaches the disk. */
static int state_sync_folder(const char *path)
{
    CLEANUP_FREE char *folder = memory_copy_string(path);
    CLEANUP_FD int fd = -1;

    *strrchr(folder, '/') = '\0';
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -1 : fsync(fd);
}

int state_write(const struct state *state, const char *path, bool sync)
{
    CLEANUP_FREE char *temporary = memory_format("%s.%d.tmp", path, (int)getpid());
    CLEANUP_FD int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct json json = {0};
    int result, error;

    if (fd < 0)
        return -1;
    state_text(&json, state);
    json_seal(&json, "state 1");
    result = json_write_line(&json, fd);
    json_free(&json);
    if (result == 0 && sync)
        result = fdatasync(fd);
    if (result == 0)
        result = rename(temporary, path);
    if (result == 0 && sync)
        result = state_sync_folder(path);
    error = errno;
    if (result)
        unlink(temporary);
    errno = error;
    return result;
}
