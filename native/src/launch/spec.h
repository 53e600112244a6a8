#ifndef SPEC_H
#define SPEC_H

#include "error.h"
#include "proto.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a `start` or `exec` request says, key by key as native/PROTOCOL.md has them. All strings are the
 * request's; an absent one is NULL, an absent number has the default given here. */

struct string_list {
    const char **items;
    size_t count;
};

enum namespace_mode { NAMESPACE_NEW, NAMESPACE_HOST, NAMESPACE_JOIN };

struct namespace_spec {
    enum namespace_mode mode;
    const char *path; /* /proc/PID/ns/KIND when joining */
    uint64_t start;   /* the start time PID must have */
    const char *link; /* a symbolic link `PID|START` to the process that has taken its place since, or NULL */
};

struct mount_spec {
    const char *type;
    const char *source;
    const char *subpath;             /* below the source, or NULL */
    struct namespace_spec namespace; /* whose mount namespace the source is in; not NAMESPACE_JOIN: the host's
                                      */
    const char *target;
    const char *options;
    const char *create; /* "dir", "file" or NULL */
    bool host_network;  /* its server is reached as the host does, not the container */
    struct string_list lower;
};

struct content_spec {
    const char *target;
    const char *data; /* base64 */
    int64_t mode;     /* 0444 */
    int64_t uid, gid;
    bool readonly;
};

struct node_spec {
    const char *path;
    const char *type;
    int64_t major, minor;
    int64_t mode; /* 0666 */
    int64_t uid, gid;
};

/* What is alike for a container's first process and for a process that joins it. */
struct process_spec {
    struct string_list arg, env, rlimit, group;
    const char *user, *cwd;
    uint64_t cap_bounding, cap_effective, cap_permitted, cap_inheritable, cap_ambient;
    bool no_new_privs;
    const char *seccomp, *apparmor;
    int64_t umask; /* 022 */
    const char *oom_score_adj;
    bool tty;
    int64_t tty_rows, tty_cols; /* 0: leave it */
};

struct health_spec {
    struct string_list arg; /* empty: no check */
    int64_t interval, timeout, start_period, start_interval, retries;
};

/* Keys of op `attach`, and of `start` with `attach=1` (there with the prefix `attach.`). */
struct attach_spec {
    bool wanted;
    bool use_stdin, use_stdout, use_stderr, sig_proxy;
    const char *detach_keys;
};

struct cgroup_spec {
    struct string_list folder, write, procs;
    const char *freeze, *kill, *oom;
    struct string_list device;
    const char *device_cgroup1, *device_cgroup2;
};

struct container_spec {
    const char *id, *name, *run_dir, *data_dir, *event_log;
    struct string_list event_attr;
    struct cgroup_spec cgroup;
    struct namespace_spec ns_pid, ns_uts, ns_ipc, ns_net, ns_cgroup; /* the mount namespace is always new */
    const char *hostname, *domainname;
    struct string_list lower;
    const char *upper, *work;
    bool rootfs_readonly;
    struct mount_spec *mounts;
    size_t mount_count;
    struct content_spec *contents;
    size_t content_count;
    struct node_spec *nodes;
    size_t node_count;
    bool dev_host;
    struct string_list mask, readonly_path, sysctl;
    struct process_spec process;
    bool init;
    const char *stdin_mode; /* "closed", "open", "once" */
    const char *log, *log_path;
    int64_t log_max_size, log_max_file; /* 0: never rotated; 1 */
    const char *restart;                /* "no", "always", "on-failure[:N]", "unless-stopped" */
    bool restart_on_unhealthy;
    int64_t stop_signal, stop_timeout; /* 15; 10000 ms */
    struct health_spec health;
    bool auto_remove_hint, await_attach;
    struct attach_spec attach;
    /* Keys that start with `net.` or `dns.`, in the request's order, for the network modules to parse. */
    struct proto_pair *network;
    size_t network_count;
};

struct exec_spec {
    const char *run_dir;
    const char *id, *event_log; /* of the container, for the events */
    struct string_list event_attr;
    int64_t pid, pid_start;
    struct string_list cgroup_procs;
    struct process_spec process;
    bool privileged, use_stdin, foreground;
    const char *output; /* "relay", "capture" */
    const char *detach_keys;
};

/* The spec points into `request`, which must live as long. */
int spec_parse_container(const struct request *request, struct container_spec *spec, struct failure *failure);
int spec_parse_exec(const struct request *request, struct exec_spec *spec, struct failure *failure);
void spec_free_container(struct container_spec *spec);
void spec_free_exec(struct exec_spec *spec);

#endif
