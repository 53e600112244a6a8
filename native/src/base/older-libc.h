#ifndef OLDER_LIBC_H
#define OLDER_LIBC_H

/* What the sources use of glibc 2.36, for glibc 2.35 (Ubuntu 22.04). The Makefile includes it everywhere: on
 * a newer system nobody would notice that a file lacks it. */
#include <features.h>

#if !__GLIBC_PREREQ(2, 36)

#include <stddef.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* After sys/mount.h, whose enumerators would become numbers. */
#include <linux/mount.h>

#define P_PIDFD ((idtype_t)3)

static inline int fsopen(const char *type, unsigned flags)
{
    return (int)syscall(SYS_fsopen, type, flags);
}

static inline int fsmount(int context, unsigned flags, unsigned attributes)
{
    return (int)syscall(SYS_fsmount, context, flags, attributes);
}

static inline int fsconfig(int context, unsigned command, const char *key, const void *value, int number)
{
    return (int)syscall(SYS_fsconfig, context, command, key, value, number);
}

static inline int open_tree(int base, const char *path, unsigned flags)
{
    return (int)syscall(SYS_open_tree, base, path, flags);
}

static inline int move_mount(int from, const char *path, int to, const char *target, unsigned flags)
{
    return (int)syscall(SYS_move_mount, from, path, to, target, flags);
}

static inline int mount_setattr(int base, const char *path, unsigned flags, struct mount_attr *attributes,
                                size_t size)
{
    return (int)syscall(SYS_mount_setattr, base, path, flags, attributes, size);
}

#endif
#endif
