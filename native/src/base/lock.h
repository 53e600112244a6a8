#ifndef LOCK_H
#define LOCK_H

#include "proto.h"

#include <stdbool.h>

/* File locks that this process holds or waits for; flock drops them when the process ends. */
struct lock_table;

struct lock_table *lock_table_new(void);
void lock_table_free(struct lock_table *table);

enum lock_result { LOCK_FAILED = -1, LOCK_HELD = 0, LOCK_WAIT = 1 };

/* LOCK_WAIT: the caller forks, calls lock_wait in the child, and lock_settle with the child's verdict. */
enum lock_result lock_acquire(struct lock_table *table, const struct request *request,
                              struct failure *failure);
/* Blocks until the lock at the request's path is held (0) or its timeout has passed (-1). */
int lock_wait(struct lock_table *table, const struct request *request, struct failure *failure);
/* The child that waited has ended. */
void lock_settle(struct lock_table *table, const char *path, bool held);
/* In a forked process: closes every fd from `first` on but those of held locks, which are moved there, so
 * that they stay held until this process closes them too, or the holder lets go of them. */
void lock_keep_only(const struct lock_table *table, int first);
/* The same for one lock, which is moved to `target`; -1 when it is not held. */
int lock_keep_one(const struct lock_table *table, const char *path, int target);
int lock_release(struct lock_table *table, const struct request *request, struct failure *failure);

#endif
