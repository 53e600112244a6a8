#ifndef TAR_ENTRY_H
#define TAR_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define TAR_MAX_XATTRS 512

struct tar_xattr {
    char *name;
    unsigned char *value;
    size_t size;
};

/* A run of data in a sparse file; everything between runs is a hole. */
struct tar_run {
    int64_t offset;
    int64_t length;
};

struct tar_sparse {
    /* GNU.sparse.name, which stands for the made-up one in the header. */
    char *name;
    struct tar_run *runs;
    size_t count;
    int64_t real_size;
    /* GNU.sparse.major: with 1 the map stands before the data. */
    int64_t major;
};

struct tar_entry {
    /* Exactly as the archive spells it; bytes, not text. */
    char *path;
    char *link;
    /* Format of the file as in st_mode; hard links have `is_hardlink` and no format. */
    mode_t format;
    bool is_hardlink;
    mode_t mode;
    int64_t uid;
    int64_t gid;
    struct timespec mtime;
    /* Bytes of data that follow in the archive. */
    int64_t size;
    uint32_t dev_major;
    uint32_t dev_minor;
    struct tar_xattr *xattrs;
    size_t xattr_count;
    /* `count` 0 and `real_size` -1: not sparse. */
    struct tar_sparse sparse;
};

void tar_entry_init(struct tar_entry *entry);
void tar_entry_free(struct tar_entry *entry);

/* Replaces `*target` by a copy of `size` bytes. */
void tar_set_string(char **target, const char *text, size_t size);

/* Takes a copy; a later value of the same name wins. False when the entry has too many. */
bool tar_entry_add_xattr(struct tar_entry *entry, const char *name, size_t name_size, const void *value,
                         size_t size);
void tar_sparse_add(struct tar_sparse *sparse, int64_t offset, int64_t length);

#endif
