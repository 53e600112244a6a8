#include "tar-reader.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* More runs than any real file has; a map may not make us hold gigabytes. */
#define MAX_RUNS (1 << 20)

struct gnu_run {
    char offset[12];
    char length[12];
};

/* Where GNU tar's old sparse format puts its map, in place of `prefix`. */
struct gnu_map {
    char unused[386];
    struct gnu_run runs[4];
    char extended;
    char real_size[12];
    char padding[17];
};

struct gnu_extension {
    struct gnu_run runs[21];
    char extended;
    char padding[7];
};

_Static_assert(sizeof(struct gnu_map) == TAR_BLOCK, "the old sparse header is one block");
_Static_assert(sizeof(struct gnu_extension) == TAR_BLOCK, "its extension too");

static int malformed(struct tar_reader *reader, const struct tar_entry *entry)
{
    return fail(reader->failure, STAGE_ARCHIVE, EINVAL, "%s: the map of a sparse file is wrong", entry->path);
}

static bool add_gnu_runs(struct tar_sparse *sparse, const struct gnu_run *runs, size_t count)
{
    for (size_t i = 0; i < count && runs[i].offset[0] != '\0'; i++) {
        int64_t offset;
        int64_t length;
        if (!tar_parse_number(runs[i].offset, sizeof runs[i].offset, &offset) ||
            !tar_parse_number(runs[i].length, sizeof runs[i].length, &length))
            return false;
        tar_sparse_add(sparse, offset, length);
    }
    return sparse->count <= MAX_RUNS;
}

static int read_gnu_map(struct tar_reader *reader, const struct tar_header *header, struct tar_entry *entry)
{
    const struct gnu_map *map = (const struct gnu_map *)(const void *)header;
    if (!tar_parse_number(map->real_size, sizeof map->real_size, &entry->sparse.real_size) ||
        !add_gnu_runs(&entry->sparse, map->runs, 4))
        return malformed(reader, entry);
    char more = map->extended;
    while (more != '\0') {
        struct gnu_extension extension;
        ssize_t count = tar_read_full(reader, &extension, sizeof extension);
        if (count < 0)
            return -1;
        if (count < (ssize_t)sizeof extension)
            return tar_truncated(reader);
        if (!add_gnu_runs(&entry->sparse, extension.runs, 21))
            return malformed(reader, entry);
        more = extension.extended;
    }
    return 0;
}

/* The numbers of a map in the data, one a line, block by block. */
struct number_lines {
    char block[TAR_BLOCK];
    size_t used;
};

static int next_number(struct tar_reader *reader, struct number_lines *lines, int64_t *value)
{
    *value = 0;
    for (size_t digits = 0; digits <= 18; digits++) {
        if (lines->used == TAR_BLOCK) {
            ssize_t count = tar_read(reader, lines->block, TAR_BLOCK);
            if (count < TAR_BLOCK)
                return count < 0 ? -1 : 0;
            reader->total -= count;
            lines->used = 0;
        }
        char digit = lines->block[lines->used++];
        if (digit == '\n')
            return digits > 0;
        if (digit < '0' || digit > '9')
            return 0;
        *value = *value * 10 + (digit - '0');
    }
    return 0;
}

static int read_map_in_data(struct tar_reader *reader, struct tar_entry *entry)
{
    struct number_lines lines = {.used = TAR_BLOCK};
    int64_t count;
    int found = next_number(reader, &lines, &count);
    if (found == 1 && count > MAX_RUNS)
        found = 0;
    for (int64_t i = 0; found == 1 && i < count; i++) {
        int64_t offset;
        int64_t length;
        found = next_number(reader, &lines, &offset);
        if (found == 1)
            found = next_number(reader, &lines, &length);
        if (found == 1)
            tar_sparse_add(&entry->sparse, offset, length);
    }
    if (found == 0)
        return malformed(reader, entry);
    return found < 0 ? -1 : 0;
}

/* Runs in order, inside the file, and together exactly the data that follows. */
static bool is_consistent(const struct tar_sparse *sparse, int64_t data)
{
    int64_t end = 0;
    int64_t sum = 0;
    for (size_t i = 0; i < sparse->count; i++) {
        const struct tar_run *run = &sparse->runs[i];
        if (run->offset < end || run->length < 0 || run->length > sparse->real_size ||
            run->offset > sparse->real_size - run->length)
            return false;
        end = run->offset + run->length;
        sum += run->length;
    }
    return sum == data;
}

int tar_read_sparse_map(struct tar_reader *reader, const struct tar_header *header, struct tar_entry *entry)
{
    if (entry->format != S_IFREG)
        return 0;
    int result = 0;
    if (header->type == 'S')
        result = read_gnu_map(reader, header, entry);
    else if (entry->sparse.major == 1)
        result = read_map_in_data(reader, entry);
    else if (entry->sparse.real_size < 0)
        return 0;
    if (result < 0)
        return -1;
    if (entry->sparse.real_size < 0 || !is_consistent(&entry->sparse, reader->remaining))
        return malformed(reader, entry);
    return 0;
}
