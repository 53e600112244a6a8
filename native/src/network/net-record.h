#ifndef NET_RECORD_H
#define NET_RECORD_H

#include "net-link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The records below RUN_ROOT/network: symbolic links whose targets are the data, so that one system call
 * makes, replaces, reads or removes one, and no reader sees half of it. */

#define NET_ID_SIZE 64
#define NET_RECORD_MAX 4096 /* a link's target has 4095 bytes at most */

/* The process with whose end a record is void. */
struct net_holder {
    pid_t pid;
    uint64_t start; /* field 22 of /proc/PID/stat */
};

bool net_holder_alive(const struct net_holder *holder);
/* 0 when there is no such process. */
uint64_t net_holder_start(pid_t pid);

/* Writes `path` (below `root`) whether it is there or not, with the folders it needs. -1 with errno. */
int net_record_write(int root, const char *path, const char *target);
/* As net_record_write, but EEXIST when it is there. */
int net_record_create(int root, const char *path, const char *target);
/* Removes `path` and the folders that are empty without it; not an error when it is gone. */
int net_record_remove(int root, const char *path);
/* Reads the target: holder, then the rest of the text in `rest`. False when there is none or it is not ours.
 */
bool net_record_read(int folder, const char *name, struct net_holder *holder, char rest[NET_RECORD_MAX]);

/* `NETWORK/name/NAME`: NAME in lower case and made safe for a file name. False when it is too long. */
bool net_record_name_folder(const char *network, const char *name, size_t name_size,
                            char path[NET_RECORD_MAX]);

/* Calls `visit` with every entry's name but `.` and `..`. */
typedef void net_record_visit(const char *name, void *context);
int net_record_list(int root, const char *folder, net_record_visit *visit, void *context);

/* Sweeping excludes taking over: what a sweep found dead must not come alive before it is removed. -1 with
 * errno. */
int net_record_lock(int root, bool exclusive);
void net_record_unlock(int root);

#endif
