#include "extract.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define WHITEOUT ".wh."
#define AUFS_METADATA ".wh..wh."
#define OPAQUE ".wh..wh..opq"

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

int extract_mark_opaque(struct extract *extract, int directory, const char *path)
{
    if (fsetxattr(directory, "trusted.overlay.opaque", "y", 1, 0) < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: marking the directory as opaque", path);
    return 0;
}

/* What lies below hides anyway when this layer has the name itself; a directory must then not merge with it.
 */
static int hide_below(struct extract *extract, const char *path, const char *hidden,
                      const struct stat *existing)
{
    if (!S_ISDIR(existing->st_mode))
        return 1;
    CLEANUP_FD int fd = openat(extract->parent, hidden, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: opening what it hides", path);
    return extract_mark_opaque(extract, fd, path) < 0 ? -1 : 1;
}

static int make_whiteout(struct extract *extract, const char *path, const char *hidden)
{
    struct stat existing;
    if (*hidden == '\0' || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
        return fail(extract->failure, STAGE_ARCHIVE, EINVAL, "%s: a whiteout of nothing", path);
    if (fstatat(extract->parent, hidden, &existing, AT_SYMLINK_NOFOLLOW) == 0)
        return hide_below(extract, path, hidden, &existing);
    if (mknodat(extract->parent, hidden, S_IFCHR, makedev(0, 0)) < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: making the whiteout", path);
    return 1;
}

/* aufs kept notes of its own in layers; they mean nothing to others. */
static bool is_aufs_metadata(const char *path)
{
    for (const char *part = path; part != NULL; part = strchr(part, '/'), part += part != NULL)
        if (starts_with(part, AUFS_METADATA))
            return true;
    return false;
}

static bool has_whiteout_parent(const char *path, const char *name)
{
    for (const char *part = path; part < name; part = strchr(part, '/') + 1)
        if (starts_with(part, WHITEOUT))
            return true;
    return false;
}

int extract_whiteout(struct extract *extract, const char *path, const char *name)
{
    if (strcmp(name, OPAQUE) == 0) {
        CLEANUP_FD int fd = openat(extract->parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: opening its folder", path);
        return extract_mark_opaque(extract, fd, path) < 0 ? -1 : 1;
    }
    if (is_aufs_metadata(path))
        return 1;
    if (has_whiteout_parent(path, name))
        return fail(extract->failure, STAGE_ARCHIVE, EINVAL, "%s: an entry below a whiteout", path);
    if (!starts_with(name, WHITEOUT))
        return 0;
    return make_whiteout(extract, path, name + strlen(WHITEOUT));
}
