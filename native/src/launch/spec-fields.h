#ifndef SPEC_FIELDS_H
#define SPEC_FIELDS_H

#include "spec.h"

/* A table says which key is stored where and how; spec-fields.c does the storing. */

enum field_kind {
    FIELD_TEXT,
    FIELD_LIST,
    FIELD_BOOLEAN,
    FIELD_INTEGER,
    FIELD_OCTAL,
    FIELD_HEX,
    FIELD_NAMESPACE,
};

struct field {
    const char *key;
    enum field_kind kind;
    size_t offset;
};

#define FIELDS_LENGTH(table) (sizeof(table) / sizeof(table)[0])

/* The field called `key`, or NULL. */
const struct field *field_find(const struct field *table, size_t length, const char *key);
int field_store(const struct field *field, void *base, const char *value, struct failure *failure);
/* Frees the lists that the table names. */
void field_free_lists(const struct field *table, size_t length, void *base);

#endif
