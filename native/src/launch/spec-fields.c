#include "spec-fields.h"

#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct field *field_find(const struct field *table, size_t length, const char *key)
{
    for (size_t i = 0; i < length; i++)
        if (strcmp(table[i].key, key) == 0)
            return &table[i];
    return NULL;
}

static int field_store_boolean(const struct field *field, bool *target, const char *value,
                               struct failure *failure)
{
    if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
        return fail(failure, STAGE_REQUEST, EINVAL, "%s: \"%.60s\" is not 0 or 1", field->key, value);
    *target = value[0] == '1';
    return 0;
}

static int field_store_octal(const struct field *field, int64_t *target, const char *value,
                             struct failure *failure)
{
    char *end;
    unsigned long number = strtoul(value, &end, 8);

    if (*end || end == value || number > 07777)
        return fail(failure, STAGE_REQUEST, EINVAL, "%s: \"%.60s\" is not an octal mode", field->key, value);
    *target = (int64_t)number;
    return 0;
}

static int field_store_hex(const struct field *field, uint64_t *target, const char *value,
                           struct failure *failure)
{
    char *end;

    errno = 0;
    *target = strtoull(value, &end, 16);
    if (errno || *end || end == value)
        return fail(failure, STAGE_REQUEST, EINVAL, "%s: \"%.60s\" is not a hexadecimal mask", field->key,
                    value);
    return 0;
}

static int field_store_namespace(const struct field *field, struct namespace_spec *target, const char *value,
                                 struct failure *failure)
{
    const char *bar = strchr(value, '|');
    char *end;

    if (strcmp(value, "new") == 0 || strcmp(value, "host") == 0) {
        *target = (struct namespace_spec){.mode = value[0] == 'n' ? NAMESPACE_NEW : NAMESPACE_HOST};
        return 0;
    }
    if (strncmp(value, "/proc/", 6) != 0 || !bar)
        return fail(failure, STAGE_REQUEST, EINVAL,
                    "%s: \"%.60s\" is not new, host or /proc/PID/ns/KIND|START", field->key, value);
    errno = 0;
    target->mode = NAMESPACE_JOIN;
    target->path = value;
    target->start = strtoull(bar + 1, &end, 10);
    if (errno || (*end && *end != '|') || end == bar + 1)
        return fail(failure, STAGE_REQUEST, EINVAL, "%s: \"%.60s\" has no start time", field->key, value);
    target->link = *end ? end + 1 : NULL;
    return 0;
}

static void field_append(struct string_list *list, const char *value)
{
    /* Grows by doubling at each power of two. */
    if ((list->count & (list->count - 1)) == 0)
        list->items = memory_resize(list->items, list->count ? list->count * 2 : 1, sizeof *list->items);
    list->items[list->count++] = value;
}

int field_store(const struct field *field, void *base, const char *value, struct failure *failure)
{
    void *target = (char *)base + field->offset;

    switch (field->kind) {
    case FIELD_TEXT:
        *(const char **)target = value;
        return 0;
    case FIELD_LIST:
        field_append(target, value);
        return 0;
    case FIELD_BOOLEAN:
        return field_store_boolean(field, target, value, failure);
    case FIELD_INTEGER:
        return proto_integer(field->key, value, INT64_MIN, INT64_MAX, target, failure);
    case FIELD_OCTAL:
        return field_store_octal(field, target, value, failure);
    case FIELD_HEX:
        return field_store_hex(field, target, value, failure);
    case FIELD_NAMESPACE:
        return field_store_namespace(field, target, value, failure);
    }
    return fail(failure, STAGE_REQUEST, EINVAL, "%s: field of no kind", field->key);
}

void field_free_lists(const struct field *table, size_t length, void *base)
{
    for (size_t i = 0; i < length; i++)
        if (table[i].kind == FIELD_LIST)
            free(((struct string_list *)((char *)base + table[i].offset))->items);
}
