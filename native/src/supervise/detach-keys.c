#include "detach-keys.h"

#include <string.h>

bool detach_keys_filter(struct detach_keys *detach, const char *data, size_t size, char *out,
                        size_t *size_out)
{
    size_t length = detach->keys ? strnlen(detach->keys, DETACH_KEYS_LIMIT) : 0;
    size_t written = 0;

    *size_out = size;
    if (length == 0) {
        memcpy(out, data, size);
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (data[i] != detach->keys[detach->matched]) {
            memcpy(out + written, detach->keys, detach->matched);
            written += detach->matched;
            detach->matched = 0;
        }
        if (data[i] != detach->keys[detach->matched])
            out[written++] = data[i];
        else if (++detach->matched == length)
            break;
    }
    *size_out = written;
    return detach->matched == length;
}
