#ifndef PROCESS_H
#define PROCESS_H

#include "report.h"
#include "spec.h"

#include <linux/filter.h>
#include <sys/types.h>

/* The last steps of a process on its way to a container's program: for the first process of a container and
 * for op `exec`. In this order: process_open with the host's paths in sight; then, in the container's
 * namespaces and root and with fds 0, 1, 2 in place, process_find_user and process_exec. */

struct process_user {
    unsigned uid, gid;
    unsigned *groups;
    size_t group_count;
    char *home; /* never NULL */
};

struct process_context {
    const struct process_spec *spec;
    struct sock_fprog filter; /* seccomp; len 0: none */
    int report;               /* end of a report_pair: gets warnings, is closed by the exec */
    int proc;                 /* a folder of a procfs where `self` is this process; -1: /proc */
    bool die_with_parent;     /* SIGKILL when the parent ends, also after the user has changed */
    bool joined;              /* the container runs already: op `exec` */
    bool init;                /* our own init stays as the parent of the program */
    int init_program;         /* this program's file on a read-only mount, for init to execute; -1: none */
};

/* Fills the context (proc -1) and reads the seccomp filter. */
int process_open(const struct process_spec *spec, struct process_context *context, struct failure *failure);

/* Resolves spec->user and spec->group in /etc/passwd and /etc/group below the current root. */
int process_find_user(const struct process_spec *spec, struct process_user *user, struct failure *failure);

/* Limits, user, capabilities, seccomp, exec. Returns only when something failed, -1 with `failure`. */
int process_exec(struct process_context *context, const struct process_user *user, struct failure *failure);

/* Signals as a fresh process has them: none blocked, none ignored. */
void process_reset_signals(void);

/* Steps of process_exec, each in its own file. */
int rlimit_apply(const struct process_context *context, struct failure *failure);
int capability_drop_bounding(const struct process_spec *spec, struct failure *failure);
/* With `keep`: CAP_SYS_ADMIN stays for a moment, in order to install the seccomp filter. */
int capability_set(const struct process_spec *spec, bool keep, struct failure *failure);
int capability_set_ambient(const struct process_spec *spec, struct failure *failure);
/* Looks the program up in the PATH of `env` and executes it. Returns only when that failed. */
int program_exec(const struct process_spec *spec, char *const *env, struct failure *failure);

#endif
