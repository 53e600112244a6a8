#include "extract.h"

#include "cleanup.h"
#include "memory.h"
#include "tree-root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define BUFFER_SIZE (256 * 1024)

/* `./a//b/` becomes `a/b`, the root itself ``. What is absolute or climbs is refused. */
static char *normalise(struct extract *extract, const char *path)
{
    if (path[0] == '/' || strlen(path) >= PATH_MAX) {
        fail(extract->failure, STAGE_ARCHIVE, EINVAL, "%.200s: %s", path,
             path[0] == '/' ? "an absolute path in the archive is refused" : "the path is too long");
        return NULL;
    }
    char *result = memory_allocate(strlen(path) + 1, 1);
    size_t used = 0;
    for (const char *part = path; *part != '\0';) {
        size_t length = strcspn(part, "/");
        if (length == 2 && part[0] == '.' && part[1] == '.') {
            fail(extract->failure, STAGE_ARCHIVE, EINVAL, "%s: a path with .. in the archive is refused",
                 path);
            free(result);
            return NULL;
        }
        if (length > 0 && !(length == 1 && part[0] == '.')) {
            if (used > 0)
                result[used++] = '/';
            memcpy(result + used, part, length);
            used += length;
        }
        part += length;
        part += *part == '/';
    }
    return result;
}

static int open_below(struct extract *extract, const char *path, int flags)
{
    if (extract->layer)
        return tree_open_beneath(extract->root, *path == '\0' ? "." : path, flags);
    CLEANUP_FREE char *full = memory_format("%s/%s", extract->base, path);
    return tree_open_inside(extract->root, full, flags);
}

static int make_folder(struct extract *extract, const char *path, size_t parent_length, const char *name)
{
    CLEANUP_FREE char *parent = memory_format("%.*s", (int)parent_length, path);
    CLEANUP_FD int fd = open_below(extract, parent, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return -1;
    if (mkdirat(fd, name, 0755) < 0)
        return errno == EEXIST ? 0 : -1;
    return extract->set_owner ? fchownat(fd, name, extract->uid, extract->gid, AT_SYMLINK_NOFOLLOW) : 0;
}

int extract_open_folder(struct extract *extract, const char *path, bool make)
{
    int fd = open_below(extract, path, O_RDONLY | O_DIRECTORY);
    if (fd >= 0 || errno != ENOENT || !make)
        return fd;
    /* Archives may leave out folders: each missing one is made with the default mode. */
    size_t start = 0;
    for (size_t end = 0; end == 0 || path[end - 1] != '\0'; end++) {
        if (path[end] != '/' && path[end] != '\0')
            continue;
        CLEANUP_FREE char *prefix = memory_format("%.*s", (int)end, path);
        CLEANUP_FD int existing = open_below(extract, prefix, O_PATH);
        if (existing < 0 &&
            (errno != ENOENT || make_folder(extract, path, start ? start - 1 : 0, prefix + start) < 0))
            return -1;
        start = end + 1;
    }
    return open_below(extract, path, O_RDONLY | O_DIRECTORY);
}

/* Makes `extract->parent` the folder that holds `path`; NULL, or the last component. */
static const char *enter_parent(struct extract *extract, const char *path)
{
    const char *slash = strrchr(path, '/');
    CLEANUP_FREE char *folder = memory_format("%.*s", slash == NULL ? 0 : (int)(slash - path), path);
    if (extract->parent_path == NULL || strcmp(extract->parent_path, folder) != 0) {
        if (extract->parent >= 0)
            close(extract->parent);
        free(extract->parent_path);
        extract->parent_path = NULL;
        extract->parent = extract_open_folder(extract, folder, true);
        if (extract->parent < 0) {
            fail(extract->failure, STAGE_ARCHIVE, errno,
                 errno == EXDEV ? "%s: a link on its way leads out of the tree"
                                : "%s: its folder cannot be opened",
                 path);
            return NULL;
        }
        extract->parent_path = memory_copy_string(folder);
    }
    return slash == NULL ? path : slash + 1;
}

static bool is_whiteout(const struct stat *status)
{
    return S_ISCHR(status->st_mode) && status->st_rdev == makedev(0, 0);
}

/* Removes what stands in the way. 1: the directory may stay, 2: a whiteout was there, 0: nothing is left. */
static int clear_place(struct extract *extract, const char *path, const char *name, mode_t format)
{
    struct stat existing;
    if (fstatat(extract->parent, name, &existing, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno == ENOENT)
            return 0;
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: looking at what is there", path);
    }
    bool whiteout = extract->layer && is_whiteout(&existing);
    mode_t present = existing.st_mode & S_IFMT;
    if (format == S_IFDIR && present == S_IFDIR)
        return 1;
    if (!whiteout && present != format && (extract->layer || present == S_IFDIR || format == S_IFDIR)) {
        if (extract->layer)
            return fail(extract->failure, STAGE_ARCHIVE, EEXIST, "%s: another entry of another type is there",
                        path);
        return fail(extract->failure, STAGE_ARCHIVE, present == S_IFDIR ? EISDIR : ENOTDIR,
                    "%s: cannot overwrite %s", path,
                    present == S_IFDIR ? "a directory with a non-directory"
                                       : "a non-directory with a directory");
    }
    if (unlinkat(extract->parent, name, 0) < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: removing what is there", path);
    return whiteout ? 2 : 0;
}

static int write_data(struct extract *extract, const char *path, int fd, int64_t offset, int64_t size)
{
    while (size != 0) {
        size_t step = size > 0 && size < BUFFER_SIZE ? (size_t)size : BUFFER_SIZE;
        ssize_t count = tar_read(extract->reader, extract->buffer, step);
        if (count <= 0)
            return (int)count;
        for (ssize_t done = 0; done < count;) {
            ssize_t written = pwrite(fd, extract->buffer + done, (size_t)(count - done), offset);
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: writing", path);
            done += written;
            offset += written;
        }
        size -= size > 0 ? count : 0;
    }
    return 0;
}

static int write_sparse(struct extract *extract, const char *path, int fd, const struct tar_sparse *sparse)
{
    if (ftruncate(fd, sparse->real_size) < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: setting its size", path);
    for (size_t i = 0; i < sparse->count; i++)
        if (write_data(extract, path, fd, sparse->runs[i].offset, sparse->runs[i].length) < 0)
            return -1;
    return 0;
}

static int make_file(struct extract *extract, const struct tar_entry *entry, const char *path,
                     const char *name)
{
    CLEANUP_FD int fd =
        openat(extract->parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: making the file", path);
    int result = entry->sparse.real_size >= 0 ? write_sparse(extract, path, fd, &entry->sparse)
                                              : write_data(extract, path, fd, 0, -1);
    return result < 0 ? -1 : extract_set_metadata(extract, entry, fd, name);
}

static int make_directory(struct extract *extract, const struct tar_entry *entry, const char *path,
                          const char *name, int place)
{
    if (place != 1 && mkdirat(extract->parent, name, 0700) < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: making the directory", path);
    CLEANUP_FD int fd = openat(extract->parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: opening the directory", path);
    if (place == 2 && extract_mark_opaque(extract, fd, path) < 0)
        return -1;
    extract_remember_directory(extract, path, &entry->mtime);
    return extract_set_metadata(extract, entry, fd, name);
}

static int make_link(struct extract *extract, const struct tar_entry *entry, const char *path,
                     const char *name)
{
    CLEANUP_FREE char *target = normalise(extract, entry->link);
    if (target == NULL)
        return -1;
    char *slash = strrchr(target, '/');
    const char *target_name = slash == NULL ? target : slash + 1;
    if (slash != NULL)
        *slash = '\0';
    CLEANUP_FD int folder = extract_open_folder(extract, slash == NULL ? "" : target, false);
    struct stat status;
    struct stat existing;
    if (folder < 0 || fstatat(folder, target_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: the target of the hard link, %s", path,
                    entry->link);
    if (fstatat(extract->parent, name, &existing, AT_SYMLINK_NOFOLLOW) == 0 &&
        existing.st_ino == status.st_ino && existing.st_dev == status.st_dev)
        return 0;
    if (is_whiteout(&status) || clear_place(extract, path, name, status.st_mode & S_IFMT) < 0)
        return is_whiteout(&status)
                   ? fail(extract->failure, STAGE_ARCHIVE, EINVAL, "%s: a hard link to a whiteout", path)
                   : -1;
    if (linkat(folder, target_name, extract->parent, name, 0) < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: making the hard link to %s", path,
                    entry->link);
    return 0;
}

static int make_other(struct extract *extract, const struct tar_entry *entry, const char *path,
                      const char *name)
{
    int result;
    if (entry->format == S_IFLNK) {
        result = symlinkat(entry->link, extract->parent, name);
    } else {
        if (entry->format == S_IFCHR && entry->dev_major == 0 && entry->dev_minor == 0)
            return fail(extract->failure, STAGE_ARCHIVE, EINVAL, "%s: device 0:0 would hide what lies below",
                        path);
        result = mknodat(extract->parent, name, entry->format | entry->mode,
                         makedev(entry->dev_major, entry->dev_minor));
    }
    if (result < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "%s: making it", path);
    return extract_set_metadata(extract, entry, -1, name);
}

/* The archive's own root: its mode and owner become the layer's; a folder that is copied into keeps its own.
 */
static int apply_root(struct extract *extract, const struct tar_entry *entry)
{
    if (entry->format != S_IFDIR)
        return fail(extract->failure, STAGE_ARCHIVE, EINVAL, "%s: the root of the archive is not a directory",
                    entry->path);
    if (!extract->layer)
        return 0;
    CLEANUP_FD int fd = extract_open_folder(extract, "", false);
    if (fd < 0)
        return fail(extract->failure, STAGE_ARCHIVE, errno, "opening the root");
    extract_remember_directory(extract, "", &entry->mtime);
    return extract_set_metadata(extract, entry, fd, ".");
}

static int extract_entry(struct extract *extract, const struct tar_entry *entry)
{
    CLEANUP_FREE char *path = normalise(extract, entry->path);
    if (path == NULL)
        return -1;
    if (*path == '\0')
        return apply_root(extract, entry);
    const char *name = enter_parent(extract, path);
    if (name == NULL)
        return -1;
    if (extract->layer) {
        int whiteout = extract_whiteout(extract, path, name);
        if (whiteout != 0)
            return whiteout < 0 ? -1 : 0;
    }
    if (entry->is_hardlink)
        return make_link(extract, entry, path, name);
    int place = clear_place(extract, path, name, entry->format);
    if (place < 0)
        return -1;
    if (entry->format == S_IFDIR)
        return make_directory(extract, entry, path, name, place);
    return entry->format == S_IFREG ? make_file(extract, entry, path, name)
                                    : make_other(extract, entry, path, name);
}

static int extract_all(struct extract *extract)
{
    for (;;) {
        struct tar_entry entry;
        int found = tar_next(extract->reader, &entry);
        if (found <= 0)
            return found;
        int result = extract_entry(extract, &entry);
        tar_entry_free(&entry);
        if (result < 0)
            return -1;
        extract->entries++;
    }
}

int extract_run(struct extract *extract)
{
    extract->parent = -1;
    extract->buffer = memory_allocate(BUFFER_SIZE, 1);
    int result = extract_all(extract);
    if (result == 0)
        result = extract_set_directory_times(extract);
    if (result == 0)
        result = tar_drain(extract->reader);
    if (extract->parent >= 0)
        close(extract->parent);
    for (size_t i = 0; i < extract->directory_count; i++)
        free(extract->directories[i].path);
    free(extract->directories);
    free(extract->parent_path);
    free(extract->buffer);
    return result;
}
