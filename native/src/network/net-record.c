#include "net-record.h"

#include "cleanup.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

uint64_t net_holder_start(pid_t pid)
{
    char path[32], text[512], *at;
    uint64_t start = 0;
    ssize_t size;
    CLEANUP_FD int fd = -1;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (size = read(fd, text, sizeof text - 1)) <= 0)
        return 0;
    text[size] = '\0';
    /* The second field is the program's name and may hold anything, `)` too. */
    at = strrchr(text, ')');
    if (!at || at[1] != ' ' || at[2] == 'Z' || at[2] == 'X')
        return 0;
    at += 2;
    for (int field = 3; field < 22 && at; field++)
        if ((at = strchr(at, ' ')))
            at++;
    if (!at || sscanf(at, "%" SCNu64, &start) != 1)
        return 0;
    return start;
}

bool net_holder_alive(const struct net_holder *holder)
{
    return holder->start && net_holder_start(holder->pid) == holder->start;
}

static int net_record_make_parents(int root, const char *path)
{
    char folder[NET_RECORD_MAX];

    for (const char *at = path; (at = strchr(at, '/')); at++) {
        snprintf(folder, sizeof folder, "%.*s", (int)(at - path), path);
        if (mkdirat(root, folder, 0700) && errno != EEXIST)
            return -1;
    }
    return 0;
}

int net_record_create(int root, const char *path, const char *target)
{
    /* Whoever removes the last record of a folder removes the folder: make it again. */
    for (int attempt = 0; attempt < 100; attempt++) {
        if (symlinkat(target, root, path) == 0)
            return 0;
        if (errno != ENOENT || net_record_make_parents(root, path))
            return -1;
    }
    return -1;
}

int net_record_write(int root, const char *path, const char *target)
{
    static unsigned number;
    char temporary[64];

    if (net_record_create(root, path, target) == 0)
        return 0;
    if (errno != EEXIST)
        return -1;
    snprintf(temporary, sizeof temporary, ".new-%d-%u", (int)getpid(), number++);
    if (symlinkat(target, root, temporary))
        return -1;
    if (renameat(root, temporary, root, path) == 0)
        return 0;
    unlinkat(root, temporary, 0);
    return -1;
}

int net_record_remove(int root, const char *path)
{
    char folder[NET_RECORD_MAX];
    char *slash;

    if (unlinkat(root, path, 0) && errno != ENOENT)
        return -1;
    snprintf(folder, sizeof folder, "%s", path);
    while ((slash = strrchr(folder, '/'))) {
        *slash = '\0';
        if (unlinkat(root, folder, AT_REMOVEDIR))
            break;
    }
    return 0;
}

bool net_record_read(int folder, const char *name, struct net_holder *holder, char rest[NET_RECORD_MAX])
{
    char text[NET_RECORD_MAX];
    ssize_t size = readlinkat(folder, name, text, sizeof text - 1);
    int used = 0, pid;

    if (size < 0)
        return false;
    text[size] = '\0';
    if (sscanf(text, "%d %" SCNu64 "%n", &pid, &holder->start, &used) != 2 || used == 0)
        return false;
    holder->pid = pid;
    snprintf(rest, NET_RECORD_MAX, "%s", text[used] == ' ' ? text + used + 1 : "");
    return true;
}

bool net_record_name_folder(const char *network, const char *name, size_t name_size,
                            char path[NET_RECORD_MAX])
{
    static const char hex[] = "0123456789abcdef";
    int start = snprintf(path, NET_RECORD_MAX, "%s/name/", network);
    size_t at = (size_t)start;

    if (name_size == 0)
        return false;
    for (size_t i = 0; i < name_size; i++) {
        unsigned char c = (unsigned char)tolower((unsigned char)name[i]);
        bool plain =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || (c == '.' && i > 0);

        /* A file name has 255 bytes at most. */
        if (at - (size_t)start + 3 > 255)
            return false;
        if (plain) {
            path[at++] = (char)c;
        } else {
            path[at++] = '%';
            path[at++] = hex[c >> 4];
            path[at++] = hex[c & 15];
        }
    }
    path[at] = '\0';
    return true;
}

int net_record_list(int root, const char *folder, net_record_visit *visit, void *context)
{
    int fd = openat(root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct dirent *entry;
    DIR *stream;

    if (fd < 0)
        return -1;
    stream = fdopendir(fd);
    if (!stream) {
        close(fd);
        return -1;
    }
    while ((entry = readdir(stream)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            visit(entry->d_name, context);
    closedir(stream);
    return 0;
}

int net_record_lock(int root, bool exclusive)
{
    int result;

    do
        result = flock(root, exclusive ? LOCK_EX : LOCK_SH);
    while (result && errno == EINTR);
    return result;
}

void net_record_unlock(int root)
{
    flock(root, LOCK_UN);
}
