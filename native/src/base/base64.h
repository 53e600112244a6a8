#ifndef BASE64_H
#define BASE64_H

#include <sys/types.h>

/* Decodes standard base64 with padding into `out` (as long as `text` at most); the size, or -1 when it is
 * not. */
ssize_t base64_decode(const char *text, unsigned char *out);

#endif
