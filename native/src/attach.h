#ifndef ATTACH_H
#define ATTACH_H

#include "spec.h"

/* Relays fds 0, 1, 2 and a connection that carries frames until the container's process ends, the user
 * detaches or the orchestrator is gone; then writes the event. The process's exit status. */
int attach_relay(int socket, const struct attach_spec *spec, bool tty, const char *id, int reply);

#endif
