#ifndef CGROUP_H
#define CGROUP_H

#include "spec.h"

#include <stdbool.h>
#include <sys/types.h>

/* Makes the container's cgroup folders (parents too) and writes their files. */
int cgroup_create(const struct cgroup_spec *spec, struct failure *failure);
/* Executes one `FILE|TEXT` entry. */
int cgroup_write(const char *entry, struct failure *failure);
/* Writes `pid` to each file of the list. */
int cgroup_join(const struct string_list *procs, pid_t pid, struct failure *failure);
/* Makes the folder and moves `pid` into it. */
int cgroup_enter(const char *folder, pid_t pid, struct failure *failure);
/* Kills every process of the container's cgroups (but not the calling one) and waits until they are empty. */
void cgroup_kill_all(const struct cgroup_spec *spec);
/* Removes the container's folders, those below them too; false when some are busy and stay. */
bool cgroup_remove(const struct cgroup_spec *spec);

#endif
