#ifndef FILE_H
#define FILE_H

#include <stddef.h>
#include <sys/types.h>

/* Writes the text with one write to an existing file, as kernel files want it; -1 with errno. `base` as in
 * openat. */
int file_write_text(int base, const char *path, const char *text);
/* The whole regular file in malloc'd memory with a NUL behind it; -1 with errno (EFBIG beyond `limit`). */
int file_read(int fd, size_t limit, char **text, size_t *size);
/* mkdir -p with this mode; an existing folder is fine. */
int file_make_folders(const char *path, mode_t mode);

#endif
