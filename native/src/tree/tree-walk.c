#include "tree-walk.h"

#include "cleanup.h"
#include "memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct names {
    char **items;
    size_t count;
};

static void free_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static int read_names(int directory, struct names *names)
{
    /* A second description: readdir closes what it is given and moves its offset. */
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    /* A running container may have removed it meanwhile: then nothing is in it. */
    if (stream == NULL)
        return errno == ENOENT ? 0 : -1;
    errno = 0;
    for (const struct dirent *item; (item = readdir(stream)) != NULL;) {
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
            continue;
        if ((names->count & (names->count - 1)) == 0)
            names->items = memory_resize(names->items, names->count ? names->count * 2 : 1, sizeof(char *));
        names->items[names->count++] = memory_copy_string(item->d_name);
    }
    int error = errno;
    closedir(stream);
    errno = error;
    if (names->count > 0)
        qsort(names->items, names->count, sizeof(char *), compare_names);
    return error == 0 ? 0 : -1;
}

static int walk_one(struct walk *walk, int folder, const char *name, const char *path);

static int walk_content(struct walk *walk, int directory, const char *path)
{
    struct names names = {0};
    int result = read_names(directory, &names);
    if (result < 0)
        fail(walk->failure, STAGE_ARCHIVE, errno, "%s: reading the directory", path);
    for (size_t i = 0; result == 0 && i < names.count; i++) {
        CLEANUP_FREE char *child = memory_format("%s%s%s", path, *path == '\0' ? "" : "/", names.items[i]);
        result = walk_one(walk, directory, names.items[i], child);
    }
    free_names(&names);
    return result;
}

static int walk_one(struct walk *walk, int folder, const char *name, const char *path)
{
    struct walk_entry entry = {.path = path, .folder = folder, .name = name, .directory = -1};
    if (fstatat(folder, name, &entry.status, AT_SYMLINK_NOFOLLOW) < 0) {
        /* A running container may remove what was just listed. */
        if (errno == ENOENT && *path != '\0')
            return 0;
        return fail(walk->failure, STAGE_ARCHIVE, errno, "%s: looking at it", *path == '\0' ? name : path);
    }
    if (!S_ISDIR(entry.status.st_mode))
        return walk->visit(walk, &entry) < 0 ? -1 : 0;
    CLEANUP_FD int directory = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0 || fstat(directory, &entry.status) < 0) {
        if (errno == ENOENT && *path != '\0')
            return 0;
        return fail(walk->failure, STAGE_ARCHIVE, errno, "%s: opening the directory",
                    *path == '\0' ? name : path);
    }
    entry.directory = directory;
    int result = walk->visit(walk, &entry);
    if (result != 0)
        return result < 0 ? -1 : 0;
    if (walk->one_file_system && entry.status.st_dev != walk->device)
        return 0;
    return walk_content(walk, directory, path);
}

int walk_run(struct walk *walk, int folder, const char *name)
{
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(walk->failure, STAGE_ARCHIVE, errno, "%s: looking at it", name);
    walk->device = status.st_dev;
    return walk_one(walk, folder, name, "");
}
