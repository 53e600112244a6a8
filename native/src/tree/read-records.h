#ifndef READ_RECORDS_H
#define READ_RECORDS_H

#include "error.h"

#include <stddef.h>

/* NUL-terminated strings, `size` at a time a record. */
struct records {
    char *text;
    const char **items;
    size_t count;
};

/* All of fd 0. A record that is not whole, or a text without its NUL, is refused. */
int read_records(struct records *records, size_t size, struct failure *failure);

void records_free(struct records *records);

#endif
