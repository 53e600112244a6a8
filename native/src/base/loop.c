#include "loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

int64_t loop_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int loop_open(struct loop *loop)
{
    *loop = (struct loop){.epoll = epoll_create1(EPOLL_CLOEXEC)};
    return loop->epoll < 0 ? -1 : 0;
}

int loop_watch(struct loop *loop, struct loop_source *source, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    int operation = source->events == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;

    if (events == source->events)
        return 0;
    if (epoll_ctl(loop->epoll, operation, source->fd, &event))
        return -1;
    source->events = events;
    return 0;
}

void loop_drop(struct loop *loop, struct loop_source *source)
{
    if (source->fd < 0)
        return;
    loop_watch(loop, source, 0);
    close(source->fd);
    source->fd = -1;
    source->events = 0;
}

void loop_clear_timer(struct loop *loop, struct loop_timer *timer)
{
    struct loop_timer **link = &loop->timers;

    if (!timer->armed)
        return;
    while (*link != timer)
        link = &(*link)->next;
    *link = timer->next;
    timer->armed = false;
}

void loop_set_timer(struct loop *loop, struct loop_timer *timer, int64_t delay)
{
    struct loop_timer **link = &loop->timers;

    loop_clear_timer(loop, timer);
    timer->due = loop_now() + delay;
    while (*link && (*link)->due <= timer->due)
        link = &(*link)->next;
    timer->next = *link;
    timer->armed = true;
    *link = timer;
}

static void loop_expire(struct loop *loop)
{
    struct loop_timer *timer = loop->timers;

    if (!timer || timer->due > loop_now())
        return;
    loop->timers = timer->next;
    timer->armed = false;
    timer->expired(timer);
}

void loop_step(struct loop *loop, int64_t limit)
{
    struct epoll_event event;
    int64_t wait = limit;

    if (loop->timers) {
        int64_t left = loop->timers->due - loop_now();

        if (left < 0)
            left = 0;
        if (wait < 0 || left < wait)
            wait = left;
    }
    if (wait > 3600000)
        wait = 3600000;
    /* One event at a time: a callback may free any other source, and none of those can be in our hands. */
    if (epoll_wait(loop->epoll, &event, 1, (int)wait) == 1) {
        struct loop_source *source = event.data.ptr;
        source->ready(source, event.events);
    }
    loop_expire(loop);
}
