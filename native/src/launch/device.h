#ifndef DEVICE_H
#define DEVICE_H

#include "spec.h"

/* `c 1:3 rwm`; -1 in major or minor is `*`. */
struct device_rule {
    char type; /* 'a', 'b', 'c' */
    int64_t major, minor;
    unsigned access; /* DEVICE_* bits */
};

/* The bits of BPF_DEVCG_ACC_*. */
#define DEVICE_MKNOD 1u
#define DEVICE_READ 2u
#define DEVICE_WRITE 4u

int device_parse_rule(const char *text, struct device_rule *rule, struct failure *failure);
/* Allows what the rules say and denies the rest, on v1 by files, on v2 by a BPF program; nothing without
 * rules. */
int device_apply_rules(const struct cgroup_spec *spec, struct failure *failure);
/* The BPF way, for the cgroup v2 folder. */
int device_bpf_attach(const char *folder, const struct device_rule *rules, size_t count,
                      struct failure *failure);

#endif
