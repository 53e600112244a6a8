#include "namespace.h"

#include "cleanup.h"
#include "procstat.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int namespace_of(long pid, uint64_t start, const char *kind, int *fd, struct failure *failure)
{
    CLEANUP_FD int opened = -1;
    struct procstat stat;
    char path[64];

    snprintf(path, sizeof path, "/proc/%ld/ns/%s", pid, kind);
    opened = open(path, O_RDONLY | O_CLOEXEC);
    if (opened < 0)
        return fail(failure, STAGE_NAMESPACE, errno, "cannot open %s namespace of process %ld", kind, pid);
    /* After the open: if the start time is still right now, it was right then. */
    if (procstat_read((pid_t)pid, &stat) || stat.start != start)
        return fail(failure, STAGE_NAMESPACE, ESRCH, "process %ld, whose %s namespace to join, has ended",
                    pid, kind);
    *fd = cleanup_steal_fd(&opened);
    return 0;
}

/* The process that a link `PID|START` names. */
static bool namespace_read_link(const char *link, long *pid, uint64_t *start)
{
    char text[64];
    char *end;
    ssize_t length = readlink(link, text, sizeof text - 1);

    if (length <= 0)
        return false;
    text[length] = '\0';
    *pid = strtol(text, &end, 10);
    if (*pid <= 0 || *end != '|')
        return false;
    *start = strtoull(end + 1, &end, 10);
    return *end == '\0';
}

int namespace_open_one(const struct namespace_spec *spec, const char *kind, int *fd, struct failure *failure)
{
    uint64_t start = spec->start;
    char *end;
    long pid;

    *fd = -1;
    if (spec->mode != NAMESPACE_JOIN)
        return 0;
    pid = strtol(spec->path + 6, &end, 10);
    if (pid <= 0 || end == spec->path + 6 || *end != '/')
        return fail(failure, STAGE_REQUEST, EINVAL, "ns.%s: \"%.60s\" names no process", kind, spec->path);
    if (namespace_of(pid, start, kind, fd, failure) == 0)
        return 0;
    if (!spec->link || !namespace_read_link(spec->link, &pid, &start))
        return -1;
    return namespace_of(pid, start, kind, fd, failure);
}

int namespace_open(const struct container_spec *spec, struct namespace_joins *joins, struct failure *failure)
{
    *joins = (struct namespace_joins){-1, -1, -1, -1, -1};
    if (namespace_open_one(&spec->ns_pid, "pid", &joins->pid, failure) ||
        namespace_open_one(&spec->ns_uts, "uts", &joins->uts, failure) ||
        namespace_open_one(&spec->ns_ipc, "ipc", &joins->ipc, failure) ||
        namespace_open_one(&spec->ns_net, "net", &joins->net, failure) ||
        namespace_open_one(&spec->ns_cgroup, "cgroup", &joins->cgroup, failure)) {
        namespace_close(joins);
        return -1;
    }
    return 0;
}

void namespace_close(struct namespace_joins *joins)
{
    cleanup_close_fd(&joins->pid);
    cleanup_close_fd(&joins->uts);
    cleanup_close_fd(&joins->ipc);
    cleanup_close_fd(&joins->net);
    cleanup_close_fd(&joins->cgroup);
    *joins = (struct namespace_joins){-1, -1, -1, -1, -1};
}

static uint64_t namespace_flags(const struct container_spec *spec)
{
    uint64_t flags = CLONE_NEWNS;

    flags |= spec->ns_pid.mode == NAMESPACE_NEW ? CLONE_NEWPID : 0;
    flags |= spec->ns_uts.mode == NAMESPACE_NEW ? CLONE_NEWUTS : 0;
    flags |= spec->ns_ipc.mode == NAMESPACE_NEW ? CLONE_NEWIPC : 0;
    flags |= spec->ns_net.mode == NAMESPACE_NEW ? CLONE_NEWNET : 0;
    return flags;
}

pid_t namespace_fork(const struct container_spec *spec, const struct namespace_joins *joins, int *pidfd,
                     struct failure *failure)
{
    struct clone_args arguments = {
        .flags = namespace_flags(spec) | CLONE_PIDFD, .pidfd = (uintptr_t)pidfd, .exit_signal = SIGCHLD};
    CLEANUP_FD int own = -1;
    int error;
    pid_t pid;

    if (joins->pid >= 0) {
        own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
        if (own < 0 || setns(joins->pid, CLONE_NEWPID))
            return fail(failure, STAGE_NAMESPACE, errno, "cannot join the pid namespace");
    }
    pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    error = errno;
    /* The caller's later children stay where it is itself. */
    if (pid != 0 && own >= 0)
        setns(own, CLONE_NEWPID);
    if (pid < 0)
        return fail(failure, STAGE_NAMESPACE, error, "cannot make the container's namespaces");
    return pid;
}

int namespace_loopback_up(void)
{
    CLEANUP_FD int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo"};

    if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request))
        return -1;
    request.ifr_flags |= IFF_UP;
    return ioctl(fd, SIOCSIFFLAGS, &request);
}

static int namespace_name_host(const struct container_spec *spec, struct failure *failure)
{
    const char *name = spec->hostname, *domain = spec->domainname;

    if (spec->ns_uts.mode != NAMESPACE_NEW)
        return 0;
    if (name && sethostname(name, strlen(name)))
        return fail(failure, STAGE_NAMESPACE, errno, "cannot set the host name \"%.80s\"", name);
    if (domain && setdomainname(domain, strlen(domain)))
        return fail(failure, STAGE_NAMESPACE, errno, "cannot set the domain name \"%.80s\"", domain);
    return 0;
}

int namespace_enter(const struct container_spec *spec, const struct namespace_joins *joins,
                    struct failure *failure)
{
    const struct {
        int fd, kind;
        const char *name;
    } others[] = {{joins->uts, CLONE_NEWUTS, "uts"},
                  {joins->ipc, CLONE_NEWIPC, "ipc"},
                  {joins->net, CLONE_NEWNET, "net"},
                  {joins->cgroup, CLONE_NEWCGROUP, "cgroup"}};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (others[i].fd >= 0 && setns(others[i].fd, others[i].kind))
            return fail(failure, STAGE_NAMESPACE, errno, "cannot join the %s namespace", others[i].name);
    if (spec->ns_cgroup.mode == NAMESPACE_NEW && unshare(CLONE_NEWCGROUP))
        return fail(failure, STAGE_NAMESPACE, errno, "cannot make a cgroup namespace");
    if (spec->ns_net.mode == NAMESPACE_NEW && namespace_loopback_up())
        return fail(failure, STAGE_NETWORK, errno, "cannot bring the loopback interface up");
    return namespace_name_host(spec, failure);
}
