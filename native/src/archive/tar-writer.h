#ifndef TAR_WRITER_H
#define TAR_WRITER_H

#include "error.h"
#include "tar-entry.h"

/* Writes a pax archive to an fd: plain ustar headers, with pax records for what does not fit them. */
struct tar_writer {
    int fd;
    struct failure *failure;

    char *buffer;
    size_t used;
    int64_t entries;
    int64_t bytes;
};

/* Writes the header; the data of a file (`entry->size` bytes) must follow by tar_write_data. */
int tar_write_entry(struct tar_writer *writer, const struct tar_entry *entry);

/* Copies the file's data. One that shrinks meanwhile is filled up with zeros, as every tar does. */
int tar_write_data(struct tar_writer *writer, int file, int64_t size);

/* The end marker, and everything buffered; frees the buffer. */
int tar_write_end(struct tar_writer *writer);
void tar_writer_free(struct tar_writer *writer);

#endif
