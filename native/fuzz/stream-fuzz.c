#include "stream.h"

#include <stdint.h>
#include <stdlib.h>

/* The first byte says in which portions the rest comes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stream_decoder decoder = {0};
    size_t done = 1, portion;
    uint32_t sum = 0;

    if (size < 2)
        return 0;
    portion = (size_t)data[0] + 1;
    while (done < size) {
        struct stream_piece piece;
        bool found;
        size_t part = size - done < portion ? size - done : portion;
        ssize_t taken = stream_decode(&decoder, data + done, part, &piece, &found);

        if (taken < 0)
            return 0;
        if (taken == 0 || (size_t)taken > part)
            abort();
        for (size_t i = 0; found && i < piece.size; i++)
            sum = (sum + piece.data[i]) % 65521; /* touches every byte */
        done += (size_t)taken;
    }
    if (sum == UINT32_MAX)
        abort();
    return 0;
}
