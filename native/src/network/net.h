#ifndef NET_H
#define NET_H

#include "error.h"
#include "proto.h"
#include "spec.h"

#include <sys/types.h>

/* The network of one container, as its supervisor keeps it. In the order of use: */

struct net;

/* Copies what the spec says. NULL with the failure filled. A container without net.* keys gets an object
 * whose functions do next to nothing. */
struct net *net_parse(const struct container_spec *spec, struct failure *failure);
/* Once, in the process that stays: takes the host ports and the addresses' records. */
int net_reserve(struct net *net, struct failure *failure);
/* Before each start of the container's program: interfaces in the network namespace of `pid`, resolver,
 * names, ports. After a failure nothing of it is left. Has the shape of launch_hook.run; `context` is the
 * struct net. */
int net_setup(void *context, pid_t pid, struct failure *failure);
/* After each end of the container. Not an error when net_setup was not called. */
void net_teardown(struct net *net);
/* At the supervisor's end. */
void net_free(struct net *net);

/* Poll it for reading, then dispatch. -1: nothing to poll. */
int net_fd(const struct net *net);
void net_dispatch(struct net *net);

/* control.sock's `net_connect` and `net_disconnect`. */
int net_control(struct net *net, const struct request *request, struct failure *failure);

#endif
