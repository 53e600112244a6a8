#include "sum64.h"

#include <string.h>

#define WORD sizeof(uint32_t)

uint64_t sum64(const char *text, size_t size)
{
    size_t padded = size + WORD - 1; /* with zeros; what does not fill a word then is left out */
    uint32_t one = (uint32_t)padded, two = 0x9e3779b9;

    for (size_t i = 0; i + WORD <= padded; i += WORD) {
        uint32_t word = 0;

        memcpy(&word, text + i, size - i < WORD ? size - i : WORD);
        one = (one ^ word) * 0x85ebca6b;
        one ^= one >> 15;
        two = two * 31 + word * 0xc2b2ae35;
        two = two << 13 | two >> 19;
    }
    return (uint64_t)one << 32 | two;
}
