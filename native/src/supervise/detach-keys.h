#ifndef DETACH_KEYS_H
#define DETACH_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#define DETACH_KEYS_LIMIT 16

/* Finds the keys that detach a terminal in what is typed. Zero-initialise. */
struct detach_keys {
    const char *keys; /* NULL or "": none */
    size_t matched;
};

/* Copies data to out (of size + DETACH_KEYS_LIMIT bytes) but for the keys and a beginning of them that may
 * still go on; *size_out bytes. True when the keys were found: the rest of the data is dropped. */
bool detach_keys_filter(struct detach_keys *detach, const char *data, size_t size, char *out,
                        size_t *size_out);

#endif
