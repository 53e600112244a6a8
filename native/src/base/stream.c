#include "stream.h"

#include <string.h>

void stream_head(unsigned char head[STREAM_HEAD], enum stream_kind kind, uint32_t size)
{
    head[0] = (unsigned char)kind;
    for (int i = 0; i < 4; i++)
        head[1 + i] = (unsigned char)(size >> 8 * i);
}

static bool stream_is_data(const struct stream_decoder *decoder)
{
    return decoder->head[0] <= STREAM_STDERR;
}

/* The head is complete. False when it is no frame. */
static bool stream_begin(struct stream_decoder *decoder)
{
    decoder->left = 0;
    for (int i = 0; i < 4; i++)
        decoder->left |= (uint32_t)decoder->head[1 + i] << 8 * i;
    decoder->small_size = 0;
    return decoder->head[0] < STREAM_KINDS && (stream_is_data(decoder) || decoder->left <= STREAM_SMALL);
}

ssize_t stream_decode(struct stream_decoder *decoder, const unsigned char *data, size_t size,
                      struct stream_piece *piece, bool *found)
{
    size_t taken = 0, part;
    bool begun = false;

    *found = false;
    if (decoder->head_size < STREAM_HEAD) {
        part = STREAM_HEAD - decoder->head_size < size ? STREAM_HEAD - decoder->head_size : size;
        memcpy(decoder->head + decoder->head_size, data, part);
        decoder->head_size += part;
        taken = part;
        if (decoder->head_size < STREAM_HEAD)
            return (ssize_t)taken;
        if (!stream_begin(decoder))
            return -1;
        begun = true;
    }
    part = decoder->left < size - taken ? decoder->left : size - taken;
    decoder->left -= (uint32_t)part;
    *piece =
        (struct stream_piece){.kind = (enum stream_kind)decoder->head[0], .data = data + taken, .size = part};
    if (stream_is_data(decoder)) {
        *found = part > 0 || (begun && decoder->left == 0);
    } else {
        memcpy(decoder->small + decoder->small_size, data + taken, part);
        decoder->small_size += part;
        piece->data = decoder->small;
        piece->size = decoder->small_size;
        *found = decoder->left == 0;
    }
    if (decoder->left == 0)
        decoder->head_size = 0;
    return (ssize_t)(taken + part);
}
