#include "file-limit.h"

#include <stdbool.h>
#include <sys/resource.h>

/* What a supervisor has open beside its ports: log, sockets, streams, namespaces, connections it relays. */
enum { RESERVE = 256 };

static struct rlimit original;
static bool raised;

void file_limit_raise(size_t more)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= more + RESERVE)
        return;
    if (!raised)
        original = limit;
    limit.rlim_cur = more + RESERVE < limit.rlim_max ? more + RESERVE : limit.rlim_max;
    raised = setrlimit(RLIMIT_NOFILE, &limit) == 0 || raised;
}

void file_limit_restore(void)
{
    if (raised)
        setrlimit(RLIMIT_NOFILE, &original);
}
