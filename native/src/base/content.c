#include "base64.h"
#include "cleanup.h"
#include "filesystem.h"
#include "memory.h"
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

static int content_write(int scratch, const char *name, const struct content_spec *content,
                         struct failure *failure)
{
    CLEANUP_FREE unsigned char *data = memory_allocate(strlen(content->data) + 1, 1);
    ssize_t size = base64_decode(content->data, data);
    CLEANUP_FD int file = openat(scratch, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (size < 0)
        return fail(failure, STAGE_REQUEST, EINVAL, "content.data of %s is not base64", content->target);
    if (file < 0 || write(file, data, (size_t)size) != size ||
        fchown(file, (uid_t)content->uid, (gid_t)content->gid) || fchmod(file, (mode_t)content->mode))
        return fail(failure, STAGE_MOUNT, errno, "cannot write the content of %s", content->target);
    return 0;
}

int content_mount_all(struct root *root, struct failure *failure)
{
    for (size_t i = 0; i < root->spec->content_count; i++) {
        const struct content_spec *content = &root->spec->contents[i];
        CLEANUP_FD int mount = -1;
        char name[24];

        snprintf(name, sizeof name, "%zu", i);
        if (content_write(root->scratch, name, content, failure))
            return -1;
        mount = filesystem_clone(root->scratch, name, false);
        if (mount < 0 || filesystem_set(mount, content->readonly ? MOUNT_ATTR_RDONLY : 0, 0, 0, false))
            return fail(failure, STAGE_MOUNT, errno, "cannot bind the content of %s", content->target);
        if (root_attach(root, mount, content->target, false, failure))
            return -1;
    }
    return 0;
}
