#include "extract.h"

#include "cleanup.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

/* overlayfs obeys these; an archive may not speak to it directly. */
static bool is_overlay_xattr(const char *name)
{
    return strncmp(name, "trusted.overlay.", 16) == 0 || strncmp(name, "user.overlay.", 13) == 0;
}

static int set_xattr(const char *name, int fd, const struct tar_xattr *xattr)
{
    if (fd >= 0)
        return fsetxattr(fd, xattr->name, xattr->value, xattr->size, 0);
    /* The parent is the current folder; there is no call that takes its fd. */
    return lsetxattr(name, xattr->name, xattr->value, xattr->size, 0);
}

static int set_xattrs(struct extract *extract, const struct tar_entry *entry, int fd, const char *name)
{
    if (entry->xattr_count > 0 && fd < 0 && fchdir(extract->parent) < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: entering its folder", entry->path);
    for (size_t i = 0; i < entry->xattr_count; i++) {
        const struct tar_xattr *xattr = &entry->xattrs[i];
        if (is_overlay_xattr(xattr->name) || set_xattr(name, fd, xattr) == 0)
            continue;
        /* A file system or a security module that does not know the attribute is no reason to refuse the
         * file. */
        if (errno == ENOTSUP || errno == EPERM)
            continue;
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: setting the extended attribute %s",
                    entry->path, xattr->name);
    }
    return 0;
}

static int set_times(struct extract *extract, const struct tar_entry *entry, int fd, const char *name)
{
    struct timespec times[2] = {entry->mtime, entry->mtime};
    int result = fd >= 0 ? futimens(fd, times) : utimensat(extract->parent, name, times, AT_SYMLINK_NOFOLLOW);
    if (result < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: setting its time", entry->path);
    return 0;
}

/* After the owner, whose change drops set-user-id bits and capabilities. Nodes were made with their mode, and
 * lose those bits only; a link has no mode. */
static int set_mode(struct extract *extract, const struct tar_entry *entry, int fd, const char *name)
{
    if (fd >= 0)
        return fchmod(fd, entry->mode);
    if (entry->format == S_IFLNK || (entry->mode & (S_ISUID | S_ISGID)) == 0)
        return 0;
    return fchmodat(extract->parent, name, entry->mode, AT_SYMLINK_NOFOLLOW);
}

int extract_set_metadata(struct extract *extract, const struct tar_entry *entry, int fd, const char *name)
{
    uid_t uid = extract->set_owner ? extract->uid : (uid_t)entry->uid;
    gid_t gid = extract->set_owner ? extract->gid : (gid_t)entry->gid;
    int result =
        fd >= 0 ? fchown(fd, uid, gid) : fchownat(extract->parent, name, uid, gid, AT_SYMLINK_NOFOLLOW);
    if (result < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: setting its owner", entry->path);
    if (set_mode(extract, entry, fd, name) < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: setting its mode", entry->path);
    if (set_xattrs(extract, entry, fd, name) < 0)
        return -1;
    return entry->format == S_IFDIR ? 0 : set_times(extract, entry, fd, name);
}

void extract_remember_directory(struct extract *extract, const char *path, const struct timespec *mtime)
{
    if ((extract->directory_count & (extract->directory_count - 1)) == 0)
        extract->directories =
            memory_resize(extract->directories, extract->directory_count ? extract->directory_count * 2 : 1,
                          sizeof *extract->directories);
    extract->directories[extract->directory_count++] =
        (struct extract_directory){.path = memory_copy_string(path), .mtime = *mtime};
}

int extract_set_directory_times(struct extract *extract)
{
    for (size_t i = extract->directory_count; i-- > 0;) {
        const struct extract_directory *directory = &extract->directories[i];
        struct timespec times[2] = {directory->mtime, directory->mtime};
        CLEANUP_FD int fd = extract_open_folder(extract, directory->path, false);
        /* In a running container it may be gone by now. */
        if (fd < 0 && !extract->layer)
            continue;
        if (fd < 0 || futimens(fd, times) < 0)
            return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: setting its time", directory->path);
    }
    return 0;
}
