#include "supervisor.h"

#include "cleanup.h"
#include "file.h"
#include "memory.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Version 1 tells that memory has run out; the kill is counted a moment later. */
#define OOM_PAUSE 10 /* ms */
#define OOM_LOOKS 50

/* True when there was a kill that had not been told. */
static bool oom_look(struct supervisor *supervisor)
{
    int64_t count = halt_read_oom(supervisor);

    if (count <= supervisor->oom_seen)
        return false;
    supervisor->oom_seen = count;
    supervisor->oom_happened = true;
    event_write(&supervisor->events, "oom", NULL);
    return true;
}

static void oom_look_again(struct loop_timer *timer)
{
    struct supervisor *supervisor = loop_owner(timer, struct supervisor, oom_timer);

    if (!oom_look(supervisor) && supervisor->oom_looks-- > 0)
        loop_set_timer(&supervisor->loop, timer, OOM_PAUSE);
}

static void oom_ready(struct loop_source *source, uint32_t events)
{
    struct supervisor *supervisor = loop_owner(source, struct supervisor, oom);
    char ignored[1024];

    (void)events;
    /* Version 2's file tells of what comes after it was read last, through this very fd; an eventfd is
     * emptied. */
    if (lseek(source->fd, 0, SEEK_SET) < 0 || read(source->fd, ignored, sizeof ignored) < 0) {
        if (read(source->fd, ignored, sizeof(uint64_t)) < 0) {
            loop_drop(&supervisor->loop, source);
            return;
        }
    }
    supervisor->oom_looks = OOM_LOOKS;
    oom_look_again(&supervisor->oom_timer);
}

/* `FOLDER/memory.oom_control` through `FOLDER/cgroup.event_control` (cgroup-v1/memory.rst, section 9). */
static int oom_register(const char *path)
{
    CLEANUP_FD int control = open(path, O_RDONLY | O_CLOEXEC);
    CLEANUP_FD int told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int folder = (int)(strrchr(path, '/') - path);
    CLEANUP_FREE char *events = memory_format("%.*s/cgroup.event_control", folder, path);
    CLEANUP_FREE char *line = memory_format("%d %d", told, control);

    if (control < 0 || told < 0 || file_write_text(AT_FDCWD, events, line))
        return -1;
    return cleanup_steal_fd(&told);
}

void oom_start(struct supervisor *supervisor)
{
    const char *text = supervisor->spec.cgroup.oom;
    CLEANUP_FREE char *path = memory_copy_string(text ? text : "");
    char *bar = strchr(path, '|');
    char ignored[1024];
    bool version2;

    supervisor->oom_seen = 0;
    supervisor->oom_happened = false;
    if (!bar || path[0] != '/')
        return;
    *bar = '\0';
    version2 = strcmp(strrchr(path, '/'), "/memory.events") == 0;
    supervisor->oom.fd = version2 ? open(path, O_RDONLY | O_CLOEXEC) : oom_register(path);
    if (supervisor->oom.fd < 0 || (version2 && read(supervisor->oom.fd, ignored, sizeof ignored) < 0) ||
        loop_watch(&supervisor->loop, &supervisor->oom, version2 ? EPOLLPRI : EPOLLIN))
        loop_drop(&supervisor->loop, &supervisor->oom); /* it is told at the container's end then */
}

void oom_stop(struct supervisor *supervisor)
{
    loop_clear_timer(&supervisor->loop, &supervisor->oom_timer);
    loop_drop(&supervisor->loop, &supervisor->oom);
    oom_look(supervisor);
}

void oom_timers(struct supervisor *supervisor)
{
    supervisor->oom = (struct loop_source){-1, 0, oom_ready};
    supervisor->oom_timer.expired = oom_look_again;
}
