#ifndef NET_OPERATIONS_H
#define NET_OPERATIONS_H

#include "error.h"
#include "proto.h"

/* Replies of the network's operations; the result is the operation's exit status. */
int operation_failed(const struct request *request, int reply, const struct failure *failure);
int operation_done(const struct request *request, int reply, const char *key, int64_t value);

#endif
