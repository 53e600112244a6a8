#include "net-loop.h"

#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 200, BATCH = 32 };

struct subscriber {
    net_tick *tick;
    void *context;
};

struct net_loop {
    int epoll, timer;
    struct net_watch *closed;
    struct subscriber *subscribers;
    size_t subscriber_count;
};

int64_t net_loop_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct net_loop *net_loop_new(void)
{
    struct net_loop *loop = memory_allocate(1, sizeof *loop);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (loop->epoll < 0 || loop->timer < 0 || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->timer, &event)) {
        net_loop_free(loop);
        return NULL;
    }
    return loop;
}

static void net_loop_sweep(struct net_loop *loop)
{
    while (loop->closed) {
        struct net_watch *watch = loop->closed;

        loop->closed = watch->next_closed;
        if (watch->release)
            watch->release(watch);
        free(watch);
    }
}

void net_loop_free(struct net_loop *loop)
{
    if (!loop)
        return;
    net_loop_sweep(loop);
    if (loop->epoll >= 0)
        close(loop->epoll);
    if (loop->timer >= 0)
        close(loop->timer);
    free(loop->subscribers);
    free(loop);
}

int net_loop_fd(const struct net_loop *loop)
{
    return loop->epoll;
}

int net_loop_add(struct net_loop *loop, struct net_watch *watch, int fd, uint32_t events, net_ready *ready)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event))
        return -1;
    watch->fd = fd;
    watch->ready = ready;
    return 0;
}

void net_loop_change(struct net_loop *loop, struct net_watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    epoll_ctl(loop->epoll, EPOLL_CTL_MOD, watch->fd, &event);
}

void net_loop_close(struct net_loop *loop, struct net_watch *watch)
{
    if (watch->closed)
        return;
    net_loop_leave(loop, watch);
    close(watch->fd);
}

void net_loop_leave(struct net_loop *loop, struct net_watch *watch)
{
    if (watch->closed)
        return;
    watch->closed = true;
    /* A process that was forked may still have the file open: without this its events would go on. */
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->next_closed = loop->closed;
    loop->closed = watch;
}

static void net_loop_set_timer(struct net_loop *loop, bool run)
{
    struct itimerspec every = {{0, run ? TICK_MS * 1000000 : 0}, {0, run ? TICK_MS * 1000000 : 0}};
    struct itimerspec now;

    if (timerfd_gettime(loop->timer, &now) == 0 && (now.it_interval.tv_nsec != 0) == run)
        return;
    timerfd_settime(loop->timer, 0, &every, NULL);
}

void net_loop_subscribe(struct net_loop *loop, net_tick *tick, void *context)
{
    struct subscriber *place = NULL;

    for (size_t i = 0; i < loop->subscriber_count; i++) {
        struct subscriber *entry = &loop->subscribers[i];

        if (entry->tick == tick && entry->context == context)
            return;
        if (!entry->tick && !place)
            place = entry;
    }
    if (!place) {
        loop->subscribers =
            memory_resize(loop->subscribers, loop->subscriber_count + 1, sizeof *loop->subscribers);
        place = &loop->subscribers[loop->subscriber_count++];
    }
    *place = (struct subscriber){tick, context};
    net_loop_set_timer(loop, true);
}

void net_loop_unsubscribe(struct net_loop *loop, net_tick *tick, void *context)
{
    bool any = false;

    for (size_t i = 0; i < loop->subscriber_count; i++) {
        struct subscriber *entry = &loop->subscribers[i];

        if (entry->tick == tick && entry->context == context)
            entry->tick = NULL;
        any = any || entry->tick;
    }
    if (!any)
        net_loop_set_timer(loop, false);
}

static void net_loop_run_ticks(struct net_loop *loop)
{
    uint64_t times;

    if (read(loop->timer, &times, sizeof times) != sizeof times)
        return;
    for (size_t i = 0; i < loop->subscriber_count; i++)
        if (loop->subscribers[i].tick)
            loop->subscribers[i].tick(loop->subscribers[i].context);
}

void net_loop_dispatch(struct net_loop *loop)
{
    struct epoll_event events[BATCH];
    int count = epoll_wait(loop->epoll, events, BATCH, 0);

    for (int i = 0; i < count; i++) {
        struct net_watch *watch = events[i].data.ptr;

        if (!watch)
            net_loop_run_ticks(loop);
        else if (!watch->closed)
            watch->ready(watch, events[i].events);
    }
    net_loop_sweep(loop);
}
