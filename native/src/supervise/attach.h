#ifndef ATTACH_H
#define ATTACH_H

#include "spec.h"

/* Relays fds 0, 1, 2 and a connection that carries frames until the container's process ends, the user
 * detaches or the orchestrator is gone; then writes the event. With `acknowledge` it writes the request's
 * reply first, once the terminal is raw: what is typed after it is not changed any more. The process's exit
 * status. */
int attach_relay(int socket, const struct attach_spec *spec, bool tty, bool acknowledge, const char *id,
                 int reply);

#endif
