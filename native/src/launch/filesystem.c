#include "filesystem.h"

#include "cleanup.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

/* Fails with what the kernel itself said about the reason, where it did; `what`: the option that it refused.
 */
static int filesystem_fail(int context, const char *name, const char *what, enum stage stage, int error,
                           struct failure *failure)
{
    const char *with = *what ? " with " : "";
    /* The value of a password is nobody's business. */
    int shown = strncmp(what, "pass", 4) == 0 ? (int)strcspn(what, "=") : (int)strlen(what);
    char said[256];
    ssize_t n = read(context, said, sizeof said - 1);

    if (n <= 2)
        return fail(failure, stage, error, "cannot mount %s%s%.*s", name, with, shown, what);
    said[n] = '\0';
    said[strcspn(said, "\n")] = '\0';
    /* "e overlay: No changes allowed in reconfigure" */
    return fail(failure, stage, error, "cannot mount %s%s%.*s: %s", name, with, shown, what, said + 2);
}

static int filesystem_option(int context, const char *option)
{
    const char *equals = strchr(option, '=');
    char key[64];

    if (!equals)
        return fsconfig(context, FSCONFIG_SET_FLAG, option, NULL, 0);
    if ((size_t)(equals - option) >= sizeof key) {
        errno = EINVAL;
        return -1;
    }
    memcpy(key, option, (size_t)(equals - option));
    key[equals - option] = '\0';
    return fsconfig(context, FSCONFIG_SET_STRING, key, equals + 1, 0);
}

int filesystem_new(const char *type, const char *source, char *const *data, uint64_t attributes,
                   enum stage stage, struct failure *failure)
{
    CLEANUP_FD int context = fsopen(type, FSOPEN_CLOEXEC);
    CLEANUP_FREE char *name = memory_format("%s%s%s", type, source ? " " : "", source ? source : "");
    int mount;

    if (context < 0)
        return fail(failure, stage, errno, "cannot mount %s: the kernel does not know it", name);
    /* cgroup v1 knows no context without a source */
    if (fsconfig(context, FSCONFIG_SET_STRING, "source", source ? source : type, 0) && source)
        return filesystem_fail(context, name, "", stage, errno, failure);
    for (; data && *data; data++)
        if (filesystem_option(context, *data))
            return filesystem_fail(context, name, *data, stage, errno, failure);
    if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
        return filesystem_fail(context, name, "", stage, errno, failure);
    mount = fsmount(context, FSMOUNT_CLOEXEC, (unsigned)attributes);
    return mount < 0 ? filesystem_fail(context, name, "", stage, errno, failure) : mount;
}

int filesystem_clone(int base, const char *path, bool recursive)
{
    unsigned flags =
        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0) | (*path ? 0 : AT_EMPTY_PATH);

    return open_tree(base, path, flags);
}

int filesystem_attach(int mount, int target)
{
    return move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int filesystem_set(int mount, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive)
{
    struct mount_attr attributes = {.attr_set = set, .attr_clr = clear, .propagation = propagation};

    if (!set && !clear && !propagation)
        return 0;
    return mount_setattr(mount, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attributes,
                         sizeof attributes);
}
