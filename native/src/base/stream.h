#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The frames of an attached connection: u8 stream, u32 little-endian length, data. */

enum stream_kind {
    STREAM_STDIN,
    STREAM_STDOUT,
    STREAM_STDERR,
    STREAM_END,
    STREAM_RESIZE,
    STREAM_SIGNAL,
    STREAM_KINDS
};

#define STREAM_HEAD 5
#define STREAM_SMALL 1024 /* longest END, RESIZE or SIGNAL */

struct stream_decoder {
    unsigned char head[STREAM_HEAD];
    size_t head_size;
    uint32_t left; /* bytes of this frame to come */
    unsigned char small[STREAM_SMALL];
    size_t small_size;
};

/* Some data of a frame: of 0, 1, 2 what has come so far (size 0: an empty frame, the end of stdin), of the
 * others the whole. */
struct stream_piece {
    enum stream_kind kind;
    const unsigned char *data;
    size_t size;
};

void stream_head(unsigned char head[STREAM_HEAD], enum stream_kind kind, uint32_t size);
/* Takes bytes from data[0..size) (size > 0): how many, or -1 when they are no frames. `*found` says whether
 * `piece` was filled; its data is valid until the next call and as long as `data`. */
ssize_t stream_decode(struct stream_decoder *decoder, const unsigned char *data, size_t size,
                      struct stream_piece *piece, bool *found);

#endif
