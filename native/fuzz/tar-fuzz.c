#include "tar-reader.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct bytes {
    const uint8_t *data;
    size_t size;
};

static ssize_t read_bytes(void *context, void *buffer, size_t size)
{
    struct bytes *bytes = context;
    size_t step = size < bytes->size ? size : bytes->size;

    memcpy(buffer, bytes->data, step);
    bytes->data += step;
    bytes->size -= step;
    return (ssize_t)step;
}

/* An entry is whole: strings without holes, sizes and runs that a file can have. */
static void check_entry(const struct tar_entry *entry)
{
    int64_t end = 0;

    if (!entry->path || !entry->link || entry->size < 0 || entry->uid < 0 || entry->gid < 0)
        abort();
    if (entry->format != S_IFREG && entry->size != 0)
        abort();
    for (size_t i = 0; entry->sparse.real_size >= 0 && i < entry->sparse.count; i++) {
        if (entry->sparse.runs[i].offset < end)
            abort();
        end = entry->sparse.runs[i].offset + entry->sparse.runs[i].length;
        if (end < 0 || end > entry->sparse.real_size)
            abort();
    }
    for (size_t i = 0; i < entry->xattr_count; i++)
        if (!entry->xattrs[i].name || !entry->xattrs[i].value)
            abort();
}

/* A checksum is hard to guess: what looks like a header gets the right one. */
static uint8_t *with_checksums(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);

    if (!copy)
        abort();
    memcpy(copy, data, size);
    for (size_t at = 0; at + TAR_BLOCK <= size; at += TAR_BLOCK) {
        struct tar_header header;

        memcpy(&header, copy + at, sizeof header);
        if (memcmp(header.magic, "ustar", 5) == 0)
            tar_set_checksum(&header);
        memcpy(copy + at, &header, sizeof header);
    }
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct failure failure = {0};
    uint8_t *copy = with_checksums(data, size);
    struct bytes bytes = {copy, size};
    struct tar_reader reader = {.source = read_bytes, .context = &bytes, .failure = &failure};
    struct tar_entry entry;

    while (tar_next(&reader, &entry) > 0) {
        char buffer[777];

        check_entry(&entry);
        while (tar_read(&reader, buffer, sizeof buffer) > 0)
            ;
        tar_entry_free(&entry);
    }
    (void)tar_drain(&reader);
    free(copy);
    if (reader.total > (int64_t)size)
        abort();
    return 0;
}
