#ifndef NET_NAMESPACE_H
#define NET_NAMESPACE_H

/* A supervisor has one thread, so it may step into a container's network namespace and back. */

/* 0, or -1 with errno. */
int net_namespace_enter(int ns);
/* There is no going on in the wrong namespace: a failure ends the process. errno is kept. */
void net_namespace_return(int host_ns);

#endif
