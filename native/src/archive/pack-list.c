#include "pack-entry.h"

#include "cleanup.h"
#include "json.h"
#include "memory.h"
#include "tree-root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char *type_name(const struct stat *status)
{
    if (pack_is_whiteout(status))
        return "w";
    switch (status->st_mode & S_IFMT) {
    case S_IFDIR:
        return "d";
    case S_IFLNK:
        return "l";
    case S_IFCHR:
        return "c";
    case S_IFBLK:
        return "b";
    case S_IFIFO:
        return "p";
    case S_IFSOCK:
        return "s";
    default:
        return "f";
    }
}

/* The same path in the tree below. False where it has none, or nothing to compare with was given. */
static bool find_below(const struct pack *pack, const char *path, struct stat *status)
{
    const char *slash = strrchr(path, '/');
    CLEANUP_FREE char *folder =
        memory_format("%.*s", slash == NULL ? 1 : (int)(slash - path), slash == NULL ? "." : path);
    CLEANUP_FD int fd =
        pack->below < 0 ? -1 : tree_open_beneath(pack->below, folder, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    return fd >= 0 && fstatat(fd, slash == NULL ? path : slash + 1, status, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool have_same_xattrs(struct pack *pack, const struct walk_entry *found, int other)
{
    struct tar_entry entries[2];
    const int fds[2] = {found->directory, other};
    bool same = true;
    for (size_t i = 0; i < 2; i++) {
        tar_entry_init(&entries[i]);
        same = pack_read_xattrs(pack, &entries[i], found, fds[i]) == 0 && same;
    }
    same = same && entries[0].xattr_count == entries[1].xattr_count;
    for (size_t i = 0; same && i < entries[0].xattr_count; i++) {
        const struct tar_xattr *left = &entries[0].xattrs[i], *right = &entries[1].xattrs[i];
        same = strcmp(left->name, right->name) == 0 && left->size == right->size &&
               memcmp(left->value, right->value, left->size) == 0;
    }
    tar_entry_free(&entries[0]);
    tar_entry_free(&entries[1]);
    return same;
}

/* A directory that is in the write layer for its content only. */
static bool is_same_directory(struct pack *pack, const struct walk_entry *found, const struct stat *below)
{
    const struct stat *status = &found->status;
    if (found->directory < 0 || below->st_mode != status->st_mode || below->st_uid != status->st_uid ||
        below->st_gid != status->st_gid)
        return false;
    CLEANUP_FD int other = tree_open_beneath(pack->below, found->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    return other >= 0 && have_same_xattrs(pack, found, other);
}

static int put_line(struct pack *pack, struct json *json)
{
    json_object_end(json);
    int written = json_write_line(json, pack->writer.fd);
    json_free(json);
    pack->writer.entries++;
    return written < 0 ? fail(pack->failure, STAGE_ARCHIVE, errno, "writing the list") : 0;
}

static int list_deleted(struct pack *pack, const char *folder, const char *name)
{
    CLEANUP_FREE char *path = memory_format("%s/%s", folder, name);
    struct json json = {0};
    json_object_begin(&json, NULL);
    json_string(&json, "path", path);
    json_string(&json, "type", "w");
    json_integer(&json, "mode", 0);
    json_integer(&json, "uid", 0);
    json_integer(&json, "gid", 0);
    json_integer(&json, "size", 0);
    json_integer(&json, "mtime", 0);
    return put_line(pack, &json);
}

/* Whether what is below this directory shows nowhere; the first such one on the way down is remembered. */
static bool covers_below(struct pack *pack, const struct walk_entry *found)
{
    size_t length = pack->opaque == NULL ? 0 : strlen(pack->opaque);
    if (found->directory < 0 || pack->below < 0)
        return false;
    if (length > 0 && strncmp(found->path, pack->opaque, length) == 0 && found->path[length] == '/')
        return true;
    if (!pack_is_opaque(found->directory))
        return false;
    free(pack->opaque);
    pack->opaque = memory_copy_string(found->path);
    return true;
}

/* A directory that was removed and made again has no whiteouts for what it had before. */
static int list_covered(struct pack *pack, const struct walk_entry *found)
{
    int fd = tree_open_beneath(pack->below, found->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    struct stat status;
    int result = 0;
    if (stream == NULL)
        return 0;
    for (const struct dirent *item; result == 0 && (item = readdir(stream)) != NULL;) {
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
            continue;
        if (fstatat(found->directory, item->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
            result = list_deleted(pack, found->path, item->d_name);
    }
    closedir(stream);
    return result;
}

int pack_visit_list(struct walk *walk, const struct walk_entry *found)
{
    struct pack *pack = walk->context;
    struct stat below;
    if (pack_is_excluded(pack, found->path))
        return 1;
    struct json json = {0};
    json_object_begin(&json, NULL);
    json_string(&json, "path", found->path);
    json_string(&json, "type", type_name(&found->status));
    json_integer(&json, "mode", found->status.st_mode & 07777);
    json_integer(&json, "uid", found->status.st_uid);
    json_integer(&json, "gid", found->status.st_gid);
    json_integer(&json, "size", found->status.st_size);
    json_integer(&json, "mtime", found->status.st_mtim.tv_sec);
    if (S_ISLNK(found->status.st_mode)) {
        CLEANUP_FREE char *target = pack_read_link(pack, found);
        json_string(&json, "link", target == NULL ? "" : target);
    }
    if (found->directory >= 0 && pack_is_opaque(found->directory))
        json_boolean(&json, "opaque", true);
    if (find_below(pack, found->path, &below)) {
        json_string(&json, "below", type_name(&below));
        if (is_same_directory(pack, found, &below))
            json_boolean(&json, "same", true);
    }
    if (put_line(pack, &json) < 0)
        return -1;
    return covers_below(pack, found) ? list_covered(pack, found) : 0;
}
