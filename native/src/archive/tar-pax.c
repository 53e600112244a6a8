#include "tar-reader.h"

#include <errno.h>
#include <string.h>

struct pax_record {
    const char *key;
    size_t key_size;
    const char *value;
    size_t value_size;
};

/* `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record. Returns its size, 0 when it is malformed. */
static size_t next_record(const char *text, size_t size, struct pax_record *record)
{
    size_t length = 0;
    size_t i = 0;
    for (; i < size && text[i] >= '0' && text[i] <= '9'; i++) {
        length = length * 10 + (size_t)(text[i] - '0');
        if (length > size)
            return 0;
    }
    if (i == 0 || i == size || text[i] != ' ' || length < i + 3 || text[length - 1] != '\n')
        return 0;
    const char *key = text + i + 1;
    const char *equals = memchr(key, '=', length - i - 2);
    if (equals == NULL || equals == key)
        return 0;
    record->key = key;
    record->key_size = (size_t)(equals - key);
    record->value = equals + 1;
    record->value_size = (size_t)(text + length - 1 - record->value);
    return length;
}

static bool has_key(const struct pax_record *record, const char *key)
{
    return strlen(key) == record->key_size && memcmp(key, record->key, record->key_size) == 0;
}

static bool set_string(char **target, const struct pax_record *record)
{
    if (record->value_size == 0)
        return true;
    if (memchr(record->value, '\0', record->value_size) != NULL)
        return false;
    tar_set_string(target, record->value, record->value_size);
    return true;
}

/* A decimal number that fits; digits beyond nanoseconds are cut. */
static bool parse_decimal(const struct pax_record *record, int64_t *seconds, long *nanoseconds)
{
    size_t i = record->value_size > 0 && record->value[0] == '-' ? 1 : 0;
    bool negative = i == 1;
    size_t first = i;
    int64_t whole = 0;
    for (; i < record->value_size && record->value[i] >= '0' && record->value[i] <= '9'; i++) {
        if (whole > (INT64_MAX - 9) / 10)
            return false;
        whole = whole * 10 + (record->value[i] - '0');
    }
    if (i == first)
        return false;
    long fraction = 0;
    if (i < record->value_size && record->value[i] == '.') {
        long unit = 100000000;
        for (i++; i < record->value_size && record->value[i] >= '0' && record->value[i] <= '9';
             i++, unit /= 10)
            fraction += (record->value[i] - '0') * unit;
    }
    if (i != record->value_size || (fraction != 0 && nanoseconds == NULL))
        return false;
    *seconds = negative ? -whole : whole;
    if (negative && fraction > 0) {
        *seconds -= 1;
        fraction = 1000000000 - fraction;
    }
    if (nanoseconds != NULL)
        *nanoseconds = fraction;
    return true;
}

/* `OFFSET,LENGTH,OFFSET,LENGTH…` of GNU's sparse format 0.1. */
static bool parse_sparse_map(struct tar_sparse *sparse, const struct pax_record *record)
{
    int64_t pair[2] = {0, 0};
    size_t index = 0;
    size_t start = 0;
    for (size_t i = 0; i <= record->value_size; i++) {
        if (i < record->value_size && record->value[i] != ',')
            continue;
        struct pax_record number = {.value = record->value + start, .value_size = i - start};
        if (!parse_decimal(&number, &pair[index], NULL))
            return false;
        start = i + 1;
        index = 1 - index;
        if (index == 0)
            tar_sparse_add(sparse, pair[0], pair[1]);
    }
    return index == 0;
}

static bool apply_sparse(struct tar_entry *entry, const struct pax_record *record)
{
    int64_t number;
    if (has_key(record, "GNU.sparse.map"))
        return parse_sparse_map(&entry->sparse, record);
    if (has_key(record, "GNU.sparse.name"))
        return set_string(&entry->sparse.name, record);
    if (!parse_decimal(record, &number, NULL))
        return false;
    if (has_key(record, "GNU.sparse.size") || has_key(record, "GNU.sparse.realsize"))
        entry->sparse.real_size = number;
    else if (has_key(record, "GNU.sparse.major"))
        entry->sparse.major = number;
    else if (has_key(record, "GNU.sparse.offset"))
        tar_sparse_add(&entry->sparse, number, 0);
    else if (has_key(record, "GNU.sparse.numbytes") && entry->sparse.count > 0)
        entry->sparse.runs[entry->sparse.count - 1].length = number;
    return true;
}

static bool apply_record(struct tar_entry *entry, const struct pax_record *record)
{
    static const char xattr_prefix[] = "SCHILY.xattr.";
    static const char sparse_prefix[] = "GNU.sparse.";
    size_t prefix = sizeof(xattr_prefix) - 1;
    if (has_key(record, "path"))
        return set_string(&entry->path, record);
    if (has_key(record, "linkpath"))
        return set_string(&entry->link, record);
    if (record->key_size > prefix && memcmp(record->key, xattr_prefix, prefix) == 0)
        return memchr(record->key, '\0', record->key_size) == NULL &&
               tar_entry_add_xattr(entry, record->key + prefix, record->key_size - prefix, record->value,
                                   record->value_size);
    if (record->key_size > sizeof(sparse_prefix) - 1 &&
        memcmp(record->key, sparse_prefix, sizeof(sparse_prefix) - 1) == 0)
        return apply_sparse(entry, record);
    if (record->value_size == 0)
        return true;
    if (has_key(record, "size"))
        return parse_decimal(record, &entry->size, NULL);
    if (has_key(record, "uid"))
        return parse_decimal(record, &entry->uid, NULL);
    if (has_key(record, "gid"))
        return parse_decimal(record, &entry->gid, NULL);
    if (has_key(record, "mtime")) {
        int64_t seconds;
        if (!parse_decimal(record, &seconds, &entry->mtime.tv_nsec))
            return false;
        entry->mtime.tv_sec = seconds;
    }
    return true;
}

bool tar_apply_pax(struct tar_entry *entry, const char *records, size_t size, struct failure *failure)
{
    while (size > 0) {
        struct pax_record record;
        size_t length = next_record(records, size, &record);
        if (length == 0) {
            (void)fail(failure, STAGE_ARCHIVE, EINVAL, "a pax header is malformed");
            return false;
        }
        if (!apply_record(entry, &record)) {
            (void)fail(failure, STAGE_ARCHIVE, EINVAL, "the pax record %.*s is malformed",
                       (int)(record.key_size > 100 ? 100 : record.key_size), record.key);
            return false;
        }
        records += length;
        size -= length;
    }
    return true;
}
