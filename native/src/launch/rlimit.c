#include "process.h"

#include "cleanup.h"
#include "file.h"
#include "memory.h"
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const struct {
    const char *name;
    int resource;
} rlimit_names[] = {
    {"AS", RLIMIT_AS},           {"CORE", RLIMIT_CORE},         {"CPU", RLIMIT_CPU},
    {"DATA", RLIMIT_DATA},       {"FSIZE", RLIMIT_FSIZE},       {"LOCKS", RLIMIT_LOCKS},
    {"MEMLOCK", RLIMIT_MEMLOCK}, {"MSGQUEUE", RLIMIT_MSGQUEUE}, {"NICE", RLIMIT_NICE},
    {"NOFILE", RLIMIT_NOFILE},   {"NPROC", RLIMIT_NPROC},       {"RSS", RLIMIT_RSS},
    {"RTPRIO", RLIMIT_RTPRIO},   {"RTTIME", RLIMIT_RTTIME},     {"SIGPENDING", RLIMIT_SIGPENDING},
    {"STACK", RLIMIT_STACK},
};

static int rlimit_find(const char *name)
{
    for (size_t i = 0; i < sizeof rlimit_names / sizeof rlimit_names[0]; i++)
        if (strcasecmp(rlimit_names[i].name, name) == 0)
            return rlimit_names[i].resource;
    return -1;
}

static bool rlimit_parse_value(const char *text, rlim_t *value)
{
    char *end;

    if (strcmp(text, "unlimited") == 0 || strcmp(text, "-1") == 0) {
        *value = RLIM_INFINITY;
        return true;
    }
    errno = 0;
    *value = strtoull(text, &end, 10);
    return !errno && end != text && !*end && *text != '-';
}

static int rlimit_apply_one(const struct process_context *context, const char *entry, struct failure *failure)
{
    char name[16], soft[24], hard[24], rest;
    struct rlimit wanted, now;
    int resource = -1;

    if (sscanf(entry, "%15s %23s %23s %c", name, soft, hard, &rest) == 3)
        resource = rlimit_find(name);
    if (resource < 0 || !rlimit_parse_value(soft, &wanted.rlim_cur) ||
        !rlimit_parse_value(hard, &wanted.rlim_max))
        return fail(failure, STAGE_REQUEST, EINVAL, "rlimit: \"%.60s\" is not NAME SOFT HARD", entry);
    if (setrlimit(resource, &wanted) == 0)
        return 0;
    if (errno != EPERM || getrlimit(resource, &now))
        return fail(failure, STAGE_RLIMIT, errno, "cannot set limit %s to %s:%s", name, soft, hard);
    wanted.rlim_max = now.rlim_max;
    if (wanted.rlim_cur > now.rlim_max)
        wanted.rlim_cur = now.rlim_max;
    if (setrlimit(resource, &wanted))
        return fail(failure, STAGE_RLIMIT, errno, "cannot set limit %s to %s:%s", name, soft, hard);
    report_warning(context->report, "limit %s of %s:%s is beyond what this host allows, it is %llu:%llu",
                   name, soft, hard, (unsigned long long)wanted.rlim_cur,
                   (unsigned long long)wanted.rlim_max);
    return 0;
}

static int rlimit_apply_oom(const struct process_context *context, struct failure *failure)
{
    const char *wanted = context->spec->oom_score_adj;
    const char *path = context->proc < 0 ? "/proc/self/oom_score_adj" : "self/oom_score_adj";
    int base = context->proc < 0 ? AT_FDCWD : context->proc;

    if (!wanted || file_write_text(base, path, wanted) == 0)
        return 0;
    if (errno != EACCES && errno != EPERM)
        return fail(failure, STAGE_RLIMIT, errno, "cannot set oom_score_adj to %.20s", wanted);
    report_warning(context->report, "oom_score_adj %.20s is below what this host allows, it stays unchanged",
                   wanted);
    return 0;
}

int rlimit_apply(const struct process_context *context, struct failure *failure)
{
    for (size_t i = 0; i < context->spec->rlimit.count; i++)
        if (rlimit_apply_one(context, context->spec->rlimit.items[i], failure))
            return -1;
    return rlimit_apply_oom(context, failure);
}
