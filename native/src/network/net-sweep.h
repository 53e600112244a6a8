#ifndef NET_SWEEP_H
#define NET_SWEEP_H

#include "error.h"

/* Removes every record below `root` whose holder is dead, with the interfaces and map elements it tells of.
 * `table` may be NULL. The number of records, or -1. */
int net_sweep(const char *root, const char *table, struct failure *failure);

#endif
