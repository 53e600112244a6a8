#include "cgroup.h"

#include "cleanup.h"
#include "device.h"
#include "file.h"
#include "memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

int cgroup_write(const char *entry, struct failure *failure)
{
    bool optional = entry[0] == '?';
    CLEANUP_FREE char *path = memory_copy_string(entry + optional);
    char *bar = strchr(path, '|');

    if (!bar)
        return fail(failure, STAGE_REQUEST, EINVAL, "cgroup.write: \"%.100s\" is not FILE|TEXT", entry);
    *bar = '\0';
    if (file_write_text(AT_FDCWD, path, bar + 1) && !optional)
        return fail(failure, STAGE_CGROUP, errno, "cannot write \"%.60s\" to %s", bar + 1, path);
    return 0;
}

int cgroup_create(const struct cgroup_spec *spec, struct failure *failure)
{
    for (size_t i = 0; i < spec->folder.count; i++)
        if (file_make_folders(spec->folder.items[i], 0755))
            return fail(failure, STAGE_CGROUP, errno, "cannot make cgroup %s", spec->folder.items[i]);
    for (size_t i = 0; i < spec->write.count; i++)
        if (cgroup_write(spec->write.items[i], failure))
            return -1;
    return device_apply_rules(spec, failure);
}

int cgroup_join(const struct string_list *procs, pid_t pid, struct failure *failure)
{
    char text[16];

    snprintf(text, sizeof text, "%d", pid);
    for (size_t i = 0; i < procs->count; i++)
        if (file_write_text(AT_FDCWD, procs->items[i], text))
            return fail(failure, STAGE_CGROUP, errno, "cannot join %s", procs->items[i]);
    return 0;
}

int cgroup_enter(const char *folder, pid_t pid, struct failure *failure)
{
    CLEANUP_FREE char *procs = memory_format("%s/cgroup.procs", folder);
    char text[16];

    snprintf(text, sizeof text, "%d", pid);
    if (file_make_folders(folder, 0755) || file_write_text(AT_FDCWD, procs, text))
        return fail(failure, STAGE_CGROUP, errno, "cannot join cgroup %s", folder);
    return 0;
}

/* Kills the folder's processes and those of the folders below it; the number of them. */
static size_t cgroup_kill_folder(const char *folder)
{
    CLEANUP_FREE char *procs = memory_format("%s/cgroup.procs", folder);
    FILE *list = fopen(procs, "re");
    DIR *below = opendir(folder);
    struct dirent *entry;
    size_t killed = 0;
    int pid;

    while (list && fscanf(list, "%d", &pid) == 1)
        if (pid > 0 && pid != getpid() && kill(pid, SIGKILL) == 0)
            killed++;
    if (list)
        fclose(list);
    while (below && (entry = readdir(below))) {
        if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            CLEANUP_FREE char *path = memory_format("%s/%s", folder, entry->d_name);

            killed += cgroup_kill_folder(path);
        }
    }
    if (below)
        closedir(below);
    return killed;
}

void cgroup_kill_all(const struct cgroup_spec *spec)
{
    const struct timespec pause = {.tv_nsec = 1000000};

    if (spec->kill && file_write_text(AT_FDCWD, spec->kill, "1") == 0)
        return;
    /* Again until nobody is left: a process may fork between the reading of the list and its death. A frozen
     * or uninterruptible process does not die in time; five seconds are all it gets. */
    for (int round = 0; round < 5000; round++) {
        size_t killed = 0;

        for (size_t i = 0; i < spec->folder.count; i++)
            killed += cgroup_kill_folder(spec->folder.items[i]);
        if (killed == 0)
            return;
        nanosleep(&pause, NULL);
    }
}

/* True when it is gone. */
static bool cgroup_remove_folder(const char *folder)
{
    DIR *below;
    struct dirent *entry;

    if (rmdir(folder) == 0 || errno == ENOENT)
        return true;
    below = opendir(folder);
    if (!below)
        return errno == ENOENT;
    while ((entry = readdir(below))) {
        if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            CLEANUP_FREE char *path = memory_format("%s/%s", folder, entry->d_name);

            cgroup_remove_folder(path);
        }
    }
    closedir(below);
    return rmdir(folder) == 0 || errno == ENOENT;
}

bool cgroup_remove(const struct cgroup_spec *spec)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    size_t left = 0;

    for (size_t i = 0; i < spec->folder.count; i++) {
        bool gone = cgroup_remove_folder(spec->folder.items[i]);

        /* A process that has just been killed, such as one that an exec left in there, needs a moment. */
        for (int round = 0; round < 500 && !gone; round++) {
            nanosleep(&pause, NULL);
            gone = cgroup_remove_folder(spec->folder.items[i]);
        }
        left += !gone;
    }
    return left == 0;
}
