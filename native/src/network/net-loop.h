#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All that the network part of a supervisor waits for, behind one epoll fd. */

struct net_watch;
typedef void net_ready(struct net_watch *watch, uint32_t events);

/* First member of an object from memory_allocate; net_loop_close frees the object. */
struct net_watch {
    int fd;
    net_ready *ready;
    void (*release)(struct net_watch *watch); /* frees what the object holds; may be NULL */
    struct net_watch *next_closed;
    bool closed;
};

struct net_loop;
typedef void net_tick(void *context);

struct net_loop *net_loop_new(void);
void net_loop_free(struct net_loop *loop);
int net_loop_fd(const struct net_loop *loop);
void net_loop_dispatch(struct net_loop *loop);

/* Takes the fd over. -1 with errno: nothing is taken. */
int net_loop_add(struct net_loop *loop, struct net_watch *watch, int fd, uint32_t events, net_ready *ready);
void net_loop_change(struct net_loop *loop, struct net_watch *watch, uint32_t events);
/* Closes the fd now, frees the object once no event can name it. */
void net_loop_close(struct net_loop *loop, struct net_watch *watch);
/* As net_loop_close, but the fd stays open. */
void net_loop_leave(struct net_loop *loop, struct net_watch *watch);

/* Calls `tick` every 200 ms until net_loop_unsubscribe. */
void net_loop_subscribe(struct net_loop *loop, net_tick *tick, void *context);
void net_loop_unsubscribe(struct net_loop *loop, net_tick *tick, void *context);

/* Milliseconds of the monotonic clock. */
int64_t net_loop_now(void);

#endif
