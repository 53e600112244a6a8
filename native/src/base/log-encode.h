#ifndef LOG_ENCODE_H
#define LOG_ENCODE_H

#include <stddef.h>

/* Writes text as the inside of a JSON string to `out`, which has room for six bytes for each of it; returns
 * the end. Bytes that are not valid UTF-8 become U+FFFD. The hot path of a container that writes a lot. */
char *log_encode(char *out, const unsigned char *text, size_t size);

#endif
