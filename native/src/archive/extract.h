#ifndef EXTRACT_H
#define EXTRACT_H

#include "tar-reader.h"

struct extract_directory {
    char *path;
    struct timespec mtime;
};

/* Makes the entries of an archive below a root. Zero-initialise, set what stands above the blank line, call
 * extract_run. */
struct extract {
    int root;
    /* Where in `root` the archive goes: "" or an absolute path, followed as the container would. */
    const char *base;
    /* A fresh layer: whiteouts are turned into overlayfs ones, links out of the layer are refused. */
    bool layer;
    bool set_owner;
    uid_t uid;
    gid_t gid;
    struct tar_reader *reader;
    struct failure *failure;

    int64_t entries;
    /* Data of all files; set by the caller from the reader. */
    int64_t bytes;
    /* The folder the last entry went to; neighbours come together. */
    char *parent_path;
    int parent;
    /* Their times are set last, after all that changes them. */
    struct extract_directory *directories;
    size_t directory_count;
    char *buffer;
};

int extract_run(struct extract *extract);

/* For extract's own parts. */

/* Opens the folder `path` (normalised, relative), making what is missing when `make` is set. */
int extract_open_folder(struct extract *extract, const char *path, bool make);

/* `fd` is the file or directory, or -1 for what cannot be opened (then `name` in the parent is meant). */
int extract_set_metadata(struct extract *extract, const struct tar_entry *entry, int fd, const char *name);
void extract_remember_directory(struct extract *extract, const char *path, const struct timespec *mtime);
int extract_set_directory_times(struct extract *extract);

/* 1 when the entry was a whiteout and is done, 0 when it is an ordinary one. */
int extract_whiteout(struct extract *extract, const char *path, const char *name);
int extract_mark_opaque(struct extract *extract, int directory, const char *path);

#endif
