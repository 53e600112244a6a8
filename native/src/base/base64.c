#include "base64.h"

#include <string.h>

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

ssize_t base64_decode(const char *text, unsigned char *out)
{
    size_t length = strlen(text), padding = 0, size = 0;
    unsigned bits = 0;

    if (length % 4 != 0)
        return -1;
    while (length > 0 && padding < 2 && text[length - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < length; i++) {
        int digit = i >= length - padding ? 0 : base64_digit(text[i]);

        if (digit < 0)
            return -1;
        bits = bits << 6 | (unsigned)digit;
        if (i % 4 == 3)
            for (int shift = 16; shift >= 0; shift -= 8)
                out[size++] = (unsigned char)(bits >> shift & 255);
    }
    return (ssize_t)(size - padding);
}
