#ifndef TAR_READER_H
#define TAR_READER_H

#include "error.h"
#include "tar-entry.h"
#include "tar-format.h"

/* Headers that describe the next entry (pax records, GNU long names) may not be larger than this. */
#define TAR_MAX_EXTENSION (1 << 20)

/* Like read(2): bytes, 0 at the end, -1 with errno. */
typedef ssize_t (*tar_source)(void *context, void *buffer, size_t size);

/*
 * A streaming reader of v7, ustar, star, pax and GNU archives. It judges the archive's structure only: what a
 * path means is up to the caller. Nothing is read beyond the entry in hand but what its header needs.
 */
struct tar_reader {
    tar_source source;
    void *context;
    /* An archive that just stops at an entry's edge is accepted: its digest says whether it is whole. */
    bool end_optional;
    struct failure *failure;
    /* Data of the entry in hand that was not read yet, and the padding after it. */
    int64_t remaining;
    int64_t padding;
    bool ended;
    /* Every byte of data handed out so far. */
    int64_t total;
};

/* 1 with `entry` filled (the caller frees it), 0 at the end, -1 with the failure set. */
int tar_next(struct tar_reader *reader, struct tar_entry *entry);

/* Reads data of the entry in hand: bytes, 0 at its end, -1 with the failure set. */
ssize_t tar_read(struct tar_reader *reader, void *buffer, size_t size);

/* Reads what follows the end marker, so that the writer of a pipe does not get SIGPIPE. */
int tar_drain(struct tar_reader *reader);

/* For the reader's own parts. Fills the buffer as far as the source goes; -1 with the failure set. */
ssize_t tar_read_full(struct tar_reader *reader, void *buffer, size_t size);
int tar_truncated(struct tar_reader *reader);

/* Completes and checks the map of an entry that GNU tar stored as sparse; nothing for others. */
int tar_read_sparse_map(struct tar_reader *reader, const struct tar_header *header, struct tar_entry *entry);

/* Applies the records of a pax header to `entry`; false when they are malformed (the failure says why). */
bool tar_apply_pax(struct tar_entry *entry, const char *records, size_t size, struct failure *failure);

#endif
