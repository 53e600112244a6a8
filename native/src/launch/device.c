#include "device.h"

#include "cleanup.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *device_parse_number(const char *text, int64_t *number)
{
    char *end;
    unsigned long value;

    if (*text == '*') {
        *number = -1;
        return text + 1;
    }
    value = strtoul(text, &end, 10);
    *number = (int64_t)value;
    return end == text || value > UINT32_MAX || *text == '-' ? NULL : end;
}

static const char *device_parse_access(const char *text, unsigned *access)
{
    for (; *text; text++) {
        unsigned bit = *text == 'r'   ? DEVICE_READ
                       : *text == 'w' ? DEVICE_WRITE
                       : *text == 'm' ? DEVICE_MKNOD
                                      : 0;

        if (!bit)
            return NULL;
        *access |= bit;
    }
    return text;
}

int device_parse_rule(const char *text, struct device_rule *rule, struct failure *failure)
{
    const char *at = text;

    memset(rule, 0, sizeof *rule);
    rule->type = text[0];
    if (!text[0] || !strchr("abc", text[0]) || text[1] != ' ' ||
        !(at = device_parse_number(text + 2, &rule->major)) || *at != ':' ||
        !(at = device_parse_number(at + 1, &rule->minor)) || *at != ' ' ||
        !device_parse_access(at + 1, &rule->access) || !rule->access)
        return fail(failure, STAGE_REQUEST, EINVAL, "device: \"%.60s\" is not a rule like c 1:3 rwm", text);
    return 0;
}

/* One rule a write. */
static int device_write_v1(const char *folder, const char *file, const char *const *rules, size_t count,
                           struct failure *failure)
{
    CLEANUP_FREE char *path = memory_format("%s/%s", folder, file);
    CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return fail(failure, STAGE_DEVICE, errno, "cannot open %s", path);
    for (size_t i = 0; i < count; i++)
        if (write(fd, rules[i], strlen(rules[i])) < 0)
            return fail(failure, STAGE_DEVICE, errno, "cannot write \"%s\" to %s", rules[i], path);
    return 0;
}

static int device_apply_v1(const struct cgroup_spec *spec, struct failure *failure)
{
    static const char *const all = "a";

    return device_write_v1(spec->device_cgroup1, "devices.deny", &all, 1, failure) ||
                   device_write_v1(spec->device_cgroup1, "devices.allow", spec->device.items,
                                   spec->device.count, failure)
               ? -1
               : 0;
}

int device_apply_rules(const struct cgroup_spec *spec, struct failure *failure)
{
    CLEANUP_FREE struct device_rule *rules = NULL;
    size_t count = spec->device.count;

    if (count == 0)
        return 0;
    rules = memory_allocate(count, sizeof *rules);
    for (size_t i = 0; i < count; i++)
        if (device_parse_rule(spec->device.items[i], &rules[i], failure))
            return -1;
    if (spec->device_cgroup1 && device_apply_v1(spec, failure))
        return -1;
    return spec->device_cgroup2 ? device_bpf_attach(spec->device_cgroup2, rules, count, failure) : 0;
}
