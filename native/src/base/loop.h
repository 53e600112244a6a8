#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stdint.h>

/* One epoll loop. Sources and timers are members of their owner's struct; the loop owns nothing. */

struct loop_source {
    int fd;
    uint32_t events; /* EPOLL*, 0 while the loop does not watch it */
    void (*ready)(struct loop_source *source, uint32_t events);
};

struct loop_timer {
    int64_t due;
    void (*expired)(struct loop_timer *timer);
    struct loop_timer *next;
    bool armed;
};

struct loop {
    int epoll;
    struct loop_timer *timers; /* soonest first */
    bool ended;                /* the owner takes no further step */
};

#define loop_owner(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* 0, or -1 with errno. */
int loop_open(struct loop *loop);
/* Watches the source for `events` from now on; 0 stops watching (even EPOLLHUP). The fd stays open. Callbacks
 * may change, remove or free any source. 0, or -1 with errno. */
int loop_watch(struct loop *loop, struct loop_source *source, uint32_t events);
/* Stops watching and closes the fd (then -1). Nothing when it is -1 already. */
void loop_drop(struct loop *loop, struct loop_source *source);
/* Replaces an earlier due time. */
void loop_set_timer(struct loop *loop, struct loop_timer *timer, int64_t delay);
void loop_clear_timer(struct loop *loop, struct loop_timer *timer);
/* One event or the timers that are due; waits at most `limit` ms (-1: for ever). */
void loop_step(struct loop *loop, int64_t limit);
/* Monotonic milliseconds. */
int64_t loop_now(void);

#endif
