#include "tar-format.h"

#include <stdio.h>
#include <string.h>

static bool parse_base256(const unsigned char *field, size_t size, int64_t *value)
{
    bool negative = (field[0] & 0x40) != 0;
    uint64_t result = negative ? UINT64_MAX : 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = field[i];
        if (i == 0)
            byte = negative ? byte | 0x80 : byte & 0x7f;
        /* The byte pushed out must be pure sign, or the value does not fit 64 bits. */
        if ((result >> 56) != (negative ? 0xffU : 0U))
            return false;
        result = result << 8 | byte;
    }
    *value = (int64_t)result;
    return negative == (*value < 0);
}

bool tar_parse_number(const char *field, size_t size, int64_t *value)
{
    if (((unsigned char)field[0] & 0x80) != 0)
        return parse_base256((const unsigned char *)field, size, value);
    size_t i = 0;
    while (i < size && field[i] == ' ')
        i++;
    uint64_t result = 0;
    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++) {
        if (result >> 60 != 0)
            return false;
        result = result << 3 | (uint64_t)(field[i] - '0');
    }
    while (i < size && (field[i] == ' ' || field[i] == '\0'))
        i++;
    *value = (int64_t)result;
    return i == size;
}

bool tar_format_number(char *field, size_t size, int64_t value)
{
    memset(field, '0', size - 1);
    field[size - 1] = '\0';
    if (value < 0)
        return false;
    uint64_t rest = (uint64_t)value;
    for (size_t i = size - 1; i-- > 0; rest >>= 3)
        field[i] = (char)('0' + (rest & 7));
    if (rest == 0)
        return true;
    memset(field, '0', size - 1);
    return false;
}

static void sum_bytes(const struct tar_header *header, int64_t *as_unsigned, int64_t *as_signed)
{
    const unsigned char *bytes = (const unsigned char *)header;
    size_t start = offsetof(struct tar_header, checksum);
    *as_unsigned = 0;
    *as_signed = 0;
    for (size_t i = 0; i < TAR_BLOCK; i++) {
        unsigned char byte = i >= start && i < start + sizeof(header->checksum) ? ' ' : bytes[i];
        *as_unsigned += byte;
        *as_signed += (signed char)byte;
    }
}

bool tar_checksum_matches(const struct tar_header *header)
{
    int64_t as_unsigned;
    int64_t as_signed;
    int64_t stated;
    sum_bytes(header, &as_unsigned, &as_signed);
    return tar_parse_number(header->checksum, sizeof(header->checksum), &stated) &&
           (stated == as_unsigned || stated == as_signed);
}

void tar_set_checksum(struct tar_header *header)
{
    int64_t as_unsigned;
    int64_t as_signed;
    sum_bytes(header, &as_unsigned, &as_signed);
    /* Six digits, NUL, blank: what every tar writes. */
    (void)tar_format_number(header->checksum, 7, as_unsigned);
    header->checksum[7] = ' ';
}
