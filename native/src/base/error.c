#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const stage_names[STAGE_COUNT] = {
    [STAGE_REQUEST] = "request",       [STAGE_CGROUP] = "cgroup",   [STAGE_NAMESPACE] = "namespace",
    [STAGE_NETWORK] = "network",       [STAGE_ROOTFS] = "rootfs",   [STAGE_MOUNT] = "mount",
    [STAGE_DEVICE] = "device",         [STAGE_MASK] = "mask",       [STAGE_SYSCTL] = "sysctl",
    [STAGE_RLIMIT] = "rlimit",         [STAGE_USER] = "user",       [STAGE_CWD] = "cwd",
    [STAGE_CAPABILITY] = "capability", [STAGE_SECCOMP] = "seccomp", [STAGE_EXEC] = "exec",
    [STAGE_SUPERVISOR] = "supervisor", [STAGE_LOCK] = "lock",       [STAGE_TREE] = "tree",
    [STAGE_ARCHIVE] = "archive",
};

int fail(struct failure *failure, enum stage stage, int error, const char *format, ...)
{
    va_list arguments;

    memset(failure, 0, sizeof *failure);
    failure->stage = stage;
    failure->error = error;
    va_start(arguments, format);
    vsnprintf(failure->text, sizeof failure->text, format, arguments);
    va_end(arguments);
    return -1;
}

const char *error_stage_name(enum stage stage)
{
    return (unsigned)stage < STAGE_COUNT ? stage_names[stage] : "request";
}

const char *error_errno_name(int error)
{
    const char *name = error ? strerrorname_np(error) : "";

    return name ? name : "EINVAL";
}
