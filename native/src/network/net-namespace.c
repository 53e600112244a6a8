#include "net-namespace.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

int net_namespace_enter(int ns)
{
    return setns(ns, CLONE_NEWNET);
}

void net_namespace_return(int host_ns)
{
    int error = errno;

    if (setns(host_ns, CLONE_NEWNET))
        abort();
    errno = error;
}
