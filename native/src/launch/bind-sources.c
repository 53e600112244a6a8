#include "cleanup.h"
#include "filesystem.h"
#include "memory.h"
#include "mount-options.h"
#include "namespace.h"
#include "resolve.h"
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

/* What is below a volume may be changed by its containers at any moment: links in there do not lead out of
 * it. */
static int root_clone_source(const struct mount_spec *mount, bool recursive)
{
    CLEANUP_FD int volume = -1, place = -1;

    if (!mount->subpath)
        return filesystem_clone(AT_FDCWD, mount->source, recursive);
    volume = open(mount->source, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (volume >= 0)
        place = resolve_open(volume, mount->subpath, O_PATH, 0);
    return place < 0 ? -1 : filesystem_clone(place, "", recursive);
}

static int root_clone_checked(const struct mount_spec *mount, bool recursive, struct failure *failure)
{
    int clone = root_clone_source(mount, recursive);

    return clone >= 0 ? clone
                      : fail(failure, STAGE_MOUNT, errno, "cannot open bind source %s%s%s", mount->source,
                             mount->subpath ? " " : "", mount->subpath ? mount->subpath : "");
}

/* The kernel clones only what is in the caller's mount namespace; where the source is another container's,
 * this process visits it. */
static int root_clone_from_namespace(const struct mount_spec *mount, bool recursive, struct failure *failure)
{
    CLEANUP_FD int other = -1, own = -1, clone = -1;

    if (namespace_open_one(&mount->namespace, "mnt", &other, failure))
        return -1;
    if (other < 0)
        return root_clone_checked(mount, recursive, failure);
    own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    if (own < 0 || setns(other, CLONE_NEWNS))
        return fail(failure, STAGE_NAMESPACE, errno, "cannot visit the mount namespace of the source of %s",
                    mount->target);
    clone = root_clone_checked(mount, recursive, failure);
    if (setns(own, CLONE_NEWNS))
        return fail(failure, STAGE_NAMESPACE, errno, "cannot return to the own mount namespace");
    return cleanup_steal_fd(&clone);
}

/* Clones of the sources while the host's tree can still be seen; they stay peers of the host's mounts, which
 * is what the propagations `shared` and `slave` need. */
int root_take_sources(struct root *root, struct failure *failure)
{
    const struct container_spec *spec = root->spec;

    root->sources = memory_allocate(spec->mount_count, sizeof *root->sources);
    root->late = memory_allocate(spec->mount_count, sizeof *root->late);
    for (size_t i = 0; i < spec->mount_count; i++) {
        const struct mount_spec *mount = &spec->mounts[i];
        struct mount_options options;

        root->sources[i] = -1;
        if (strcmp(mount->type, "bind") != 0)
            continue;
        if (!mount->source || mount->source[0] != '/')
            return fail(failure, STAGE_REQUEST, EINVAL, "mount.source of %s is not an absolute path",
                        mount->target);
        mount_options_parse(mount->options, &options);
        root->sources[i] = root_clone_from_namespace(mount, options.recursive, failure);
        mount_options_free(&options);
        if (root->sources[i] < 0)
            return -1;
    }
    return 0;
}
