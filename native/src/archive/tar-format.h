#ifndef TAR_FORMAT_H
#define TAR_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAR_BLOCK 512

/* One block as POSIX.1-1988 lays it out; GNU tar uses `prefix` for other things. */
struct tar_header {
    char name[100];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char checksum[8];
    char type;
    char link[100];
    char magic[6];
    char version[2];
    char owner[32];
    char group[32];
    char dev_major[8];
    char dev_minor[8];
    char prefix[155];
    char padding[12];
};

_Static_assert(sizeof(struct tar_header) == TAR_BLOCK, "a tar header is one block");

/* Octal text with blanks around it, or GNU's base-256 where the top bit is set. False when it is neither or
 * overflows. */
bool tar_parse_number(const char *field, size_t size, int64_t *value);

/* Writes octal; false when `value` does not fit (the caller then needs a pax record). */
bool tar_format_number(char *field, size_t size, int64_t value);

/* The sum of all bytes with the checksum field as blanks; old tars summed signed bytes. */
bool tar_checksum_matches(const struct tar_header *header);
void tar_set_checksum(struct tar_header *header);

#endif
