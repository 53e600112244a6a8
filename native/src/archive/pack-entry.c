#include "pack-entry.h"

#include "cleanup.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

bool pack_is_excluded(const struct pack *pack, const char *path)
{
    for (size_t i = 0; i < pack->exclude_count; i++)
        if (strcmp(pack->excludes[i], path) == 0)
            return true;
    return false;
}

/* What the entry is called in the archive; directories end in a slash. */
static char *archive_path(const struct pack *pack, const struct walk_entry *found)
{
    bool named = *pack->name != '\0';
    return memory_format("%s%s%s%s", pack->name, named && *found->path != '\0' ? "/" : "", found->path,
                         S_ISDIR(found->status.st_mode) ? "/" : "");
}

static int write_marker(struct pack *pack, const struct walk_entry *found, char *path)
{
    struct tar_entry entry;
    tar_entry_init(&entry);
    entry.path = path;
    entry.format = S_IFREG;
    entry.mode = 0600;
    entry.mtime = found->status.st_mtim;
    int result = tar_write_entry(&pack->writer, &entry);
    tar_entry_free(&entry);
    return result;
}

static int write_whiteout(struct pack *pack, const struct walk_entry *found)
{
    size_t folder = strlen(found->path) - strlen(found->name);
    return write_marker(pack, found, memory_format("%.*s.wh.%s", (int)folder, found->path, found->name));
}

char *pack_read_link(struct pack *pack, const struct walk_entry *found)
{
    char target[PATH_MAX];
    ssize_t size = readlinkat(found->folder, found->name, target, sizeof target);
    if (size < 0) {
        fail(pack->failure, STAGE_ARCHIVE, errno, "%s: reading the link", found->path);
        return NULL;
    }
    return memory_format("%.*s", (int)size, target);
}

/* A running container may remove what was just listed. */
static bool has_gone(const struct pack *pack, const struct walk_entry *found)
{
    struct stat status;
    return pack->failure->error == ENOENT &&
           fstatat(found->folder, found->name, &status, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

/* Whoever unpacks the layer would take the file for the deletion of another one. */
static int check_name(struct pack *pack, const struct walk_entry *found)
{
    if (strncmp(found->name, ".wh.", 4) != 0)
        return 0;
    return fail(pack->failure, STAGE_ARCHIVE, EINVAL,
                "%s: in the layer of an image a name that begins with .wh. means a deletion; rename the file",
                found->path);
}

/* Opens a regular file and takes its state from what was really opened. */
static int open_file(struct pack *pack, struct walk_entry *found)
{
    int fd = openat(found->folder, found->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &found->status) < 0 || !S_ISREG(found->status.st_mode)) {
        fail(pack->failure, STAGE_ARCHIVE, fd < 0 ? errno : EAGAIN, "%s: opening the file", found->path);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static void fill_entry(struct tar_entry *entry, const struct stat *status)
{
    entry->format = status->st_mode & S_IFMT;
    entry->mode = status->st_mode & 07777;
    entry->uid = status->st_uid;
    entry->gid = status->st_gid;
    entry->mtime = status->st_mtim;
    entry->size = S_ISREG(status->st_mode) ? status->st_size : 0;
    entry->dev_major = major(status->st_rdev);
    entry->dev_minor = minor(status->st_rdev);
}

static int write_found(struct pack *pack, struct walk_entry *found, struct tar_entry *entry)
{
    CLEANUP_FD int file = -1;
    if (S_ISREG(found->status.st_mode) && (file = open_file(pack, found)) < 0)
        return -1;
    fill_entry(entry, &found->status);
    const char *first = found->status.st_nlink > 1 && found->directory < 0
                            ? inode_map_visit(&pack->links, &found->status, entry->path)
                            : NULL;
    if (first != NULL) {
        entry->is_hardlink = true;
        entry->size = 0;
        entry->link = memory_copy_string(first);
        return tar_write_entry(&pack->writer, entry);
    }
    if (S_ISLNK(found->status.st_mode) && (entry->link = pack_read_link(pack, found)) == NULL)
        return -1;
    if (pack_read_xattrs(pack, entry, found, file >= 0 ? file : found->directory) < 0 ||
        tar_write_entry(&pack->writer, entry) < 0)
        return -1;
    return file >= 0 ? tar_write_data(&pack->writer, file, entry->size) : 0;
}

/* overlayfs was told to make none of these; one made elsewhere would lose its content without a word. */
static int check_redirect(struct pack *pack, const struct walk_entry *found)
{
    int fd = found->directory;
    if (fd >= 0 && fgetxattr(fd, "trusted.overlay.redirect", NULL, 0) >= 0)
        return fail(pack->failure, STAGE_ARCHIVE, EINVAL,
                    "%s: the directory was renamed by overlayfs's redirect_dir", found->path);
    return 0;
}

int pack_visit(struct walk *walk, const struct walk_entry *visited)
{
    struct pack *pack = walk->context;
    struct walk_entry found = *visited;
    if (S_ISSOCK(found.status.st_mode) || pack_is_excluded(pack, found.path))
        return 1;
    if (pack->layer && pack_is_whiteout(&found.status))
        return write_whiteout(pack, &found);
    if (pack->layer && (check_redirect(pack, &found) < 0 || check_name(pack, &found) < 0))
        return -1;
    if (*found.path == '\0' && *pack->name == '\0')
        return 0;
    struct tar_entry entry;
    tar_entry_init(&entry);
    entry.path = archive_path(pack, &found);
    int result = write_found(pack, &found, &entry);
    if (result < 0 && has_gone(pack, &found)) {
        tar_entry_free(&entry);
        return 1;
    }
    if (result == 0 && pack->layer && found.directory >= 0 && pack_is_opaque(found.directory))
        result = write_marker(pack, &found, memory_format("%s.wh..wh..opq", entry.path));
    tar_entry_free(&entry);
    return result;
}

void pack_free(struct pack *pack)
{
    inode_map_free(&pack->links);
    free(pack->opaque);
    tar_writer_free(&pack->writer);
}
