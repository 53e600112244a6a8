#include "tar-reader.h"

#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What pax and GNU headers said about the entry that follows. */
struct extension {
    char *pax;
    size_t pax_size;
    char *name;
    char *link;
};

static void extension_free(struct extension *extension)
{
    free(extension->pax);
    free(extension->name);
    free(extension->link);
}

ssize_t tar_read_full(struct tar_reader *reader, void *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = reader->source(reader->context, (char *)buffer + done, size - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(reader->failure, STAGE_ARCHIVE, errno, "reading the archive");
        if (count == 0)
            break;
        done += (size_t)count;
    }
    return (ssize_t)done;
}

int tar_truncated(struct tar_reader *reader)
{
    return fail(reader->failure, STAGE_ARCHIVE, EINVAL, "the archive is truncated");
}

static int skip(struct tar_reader *reader, int64_t size)
{
    char buffer[16384];
    while (size > 0) {
        size_t step = size < (int64_t)sizeof buffer ? (size_t)size : sizeof buffer;
        ssize_t count = tar_read_full(reader, buffer, step);
        if (count < 0)
            return -1;
        if ((size_t)count < step)
            return tar_truncated(reader);
        size -= count;
    }
    return 0;
}

static int64_t padding_of(int64_t size)
{
    return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

static bool is_zero(const struct tar_header *header)
{
    static const struct tar_header zero;
    return memcmp(header, &zero, sizeof zero) == 0;
}

/* 1 with a header, 0 at the end of the archive. */
static int next_header(struct tar_reader *reader, struct tar_header *header)
{
    ssize_t count = tar_read_full(reader, header, sizeof *header);
    if (count < 0)
        return -1;
    if (count == 0 && reader->end_optional)
        return 0;
    if (count < (ssize_t)sizeof *header)
        return tar_truncated(reader);
    if (is_zero(header))
        return 0;
    if (!tar_checksum_matches(header))
        return fail(reader->failure, STAGE_ARCHIVE, EINVAL,
                    "this is not a tar archive, or it is damaged: a header's checksum is wrong");
    return 1;
}

static int header_size(struct tar_reader *reader, const struct tar_header *header, int64_t *size)
{
    if (!tar_parse_number(header->size, sizeof header->size, size) || *size < 0)
        return fail(reader->failure, STAGE_ARCHIVE, EINVAL, "an entry's size is not a number");
    return 0;
}

/* Reads the data of a header that describes the next entry; NUL-terminated. */
static int read_extension(struct tar_reader *reader, const struct tar_header *header, char **data,
                          size_t *data_size)
{
    int64_t size;
    if (header_size(reader, header, &size) < 0)
        return -1;
    if (size > TAR_MAX_EXTENSION)
        return fail(reader->failure, STAGE_ARCHIVE, EFBIG, "an extended header of %lld bytes is too large",
                    (long long)size);
    free(*data);
    *data = memory_allocate((size_t)size + 1, 1);
    *data_size = (size_t)size;
    ssize_t count = tar_read_full(reader, *data, (size_t)size);
    if (count < 0)
        return -1;
    if (count < size)
        return tar_truncated(reader);
    return skip(reader, padding_of(size));
}

static void set_field(char **target, const char *field, size_t size)
{
    tar_set_string(target, field, strnlen(field, size));
}

/* POSIX puts what does not fit `name` into `prefix`; star ends its prefix after 131 bytes. */
static void set_path(struct tar_entry *entry, const struct tar_header *header)
{
    bool posix = memcmp(header->magic, "ustar\0", 6) == 0;
    bool star = posix && memcmp(header->padding + 8, "tar\0", 4) == 0;
    size_t prefix = posix ? strnlen(header->prefix, star ? 131 : sizeof header->prefix) : 0;
    size_t name = strnlen(header->name, sizeof header->name);
    char text[sizeof header->prefix + 1 + sizeof header->name];
    memcpy(text, header->prefix, prefix);
    if (prefix > 0)
        text[prefix++] = '/';
    memcpy(text + prefix, header->name, name);
    tar_set_string(&entry->path, text, prefix + name);
}

static int set_type(struct tar_reader *reader, struct tar_entry *entry, char type)
{
    size_t length = strlen(entry->path);
    switch (type) {
    case '\0':
    case '0':
    case '7':
    case 'S':
        /* Before there was a type for directories, a name ending in a slash was one. */
        entry->format = length > 0 && entry->path[length - 1] == '/' ? S_IFDIR : S_IFREG;
        return 0;
    case '1':
        entry->is_hardlink = true;
        return 0;
    case '2':
        entry->format = S_IFLNK;
        return 0;
    case '3':
        entry->format = S_IFCHR;
        return 0;
    case '4':
        entry->format = S_IFBLK;
        return 0;
    case '5':
        entry->format = S_IFDIR;
        return 0;
    case '6':
        entry->format = S_IFIFO;
        return 0;
    default:
        return fail(reader->failure, STAGE_ARCHIVE, EINVAL, "%s: entries of type '%c' are not supported",
                    entry->path, type >= ' ' && type <= '~' ? type : '?');
    }
}

static int set_numbers(struct tar_reader *reader, struct tar_entry *entry, const struct tar_header *header)
{
    int64_t mode;
    int64_t seconds;
    if (header_size(reader, header, &entry->size) < 0)
        return -1;
    if (!tar_parse_number(header->mode, sizeof header->mode, &mode) ||
        !tar_parse_number(header->uid, sizeof header->uid, &entry->uid) ||
        !tar_parse_number(header->gid, sizeof header->gid, &entry->gid) ||
        !tar_parse_number(header->mtime, sizeof header->mtime, &seconds))
        return fail(reader->failure, STAGE_ARCHIVE, EINVAL, "%s: a header field is not a number",
                    entry->path);
    entry->mode = (mode_t)(mode & 07777);
    entry->mtime.tv_sec = seconds;
    return 0;
}

static int set_device(struct tar_reader *reader, struct tar_entry *entry, const struct tar_header *header)
{
    int64_t major_number;
    int64_t minor_number;
    if (entry->format != S_IFCHR && entry->format != S_IFBLK)
        return 0;
    if (!tar_parse_number(header->dev_major, sizeof header->dev_major, &major_number) ||
        !tar_parse_number(header->dev_minor, sizeof header->dev_minor, &minor_number) || major_number < 0 ||
        major_number > 0xfff || minor_number < 0 || minor_number > 0xfffff)
        return fail(reader->failure, STAGE_ARCHIVE, EINVAL, "%s: a device number is out of range",
                    entry->path);
    entry->dev_major = (uint32_t)major_number;
    entry->dev_minor = (uint32_t)minor_number;
    return 0;
}

static int apply_extension(struct tar_reader *reader, struct tar_entry *entry, struct extension *extension)
{
    if (extension->name != NULL)
        tar_set_string(&entry->path, extension->name, strlen(extension->name));
    if (extension->link != NULL)
        tar_set_string(&entry->link, extension->link, strlen(extension->link));
    if (extension->pax != NULL && !tar_apply_pax(entry, extension->pax, extension->pax_size, reader->failure))
        return -1;
    if (entry->sparse.name != NULL)
        tar_set_string(&entry->path, entry->sparse.name, strlen(entry->sparse.name));
    return 0;
}

static int check_entry(struct tar_reader *reader, const struct tar_entry *entry)
{
    if (entry->size < 0)
        return fail(reader->failure, STAGE_ARCHIVE, EINVAL, "%s: negative size", entry->path);
    if (entry->uid < 0 || entry->gid < 0 || entry->uid >= UINT32_MAX || entry->gid >= UINT32_MAX)
        return fail(reader->failure, STAGE_ARCHIVE, EINVAL, "%s: owner out of range", entry->path);
    return 0;
}

/* Turns the header of a file, directory, link or node into an entry. */
static int build_entry(struct tar_reader *reader, const struct tar_header *header,
                       struct extension *extension, struct tar_entry *entry)
{
    set_path(entry, header);
    set_field(&entry->link, header->link, sizeof header->link);
    if (set_numbers(reader, entry, header) < 0 || apply_extension(reader, entry, extension) < 0 ||
        set_type(reader, entry, header->type) < 0 || set_device(reader, entry, header) < 0)
        return -1;
    if (check_entry(reader, entry) < 0)
        return -1;
    if (entry->format != S_IFREG)
        entry->size = 0;
    reader->remaining = entry->size;
    reader->padding = padding_of(entry->size);
    return tar_read_sparse_map(reader, header, entry) < 0 ? -1 : 1;
}

static int read_entry(struct tar_reader *reader, struct extension *extension, struct tar_entry *entry)
{
    struct tar_header header;
    size_t unused;
    for (;;) {
        int found = next_header(reader, &header);
        if (found <= 0)
            return found;
        int result = 0;
        char *ignored = NULL;
        switch (header.type) {
        case 'x':
        case 'X':
            result = read_extension(reader, &header, &extension->pax, &extension->pax_size);
            break;
        case 'L':
            result = read_extension(reader, &header, &extension->name, &unused);
            break;
        case 'K':
            result = read_extension(reader, &header, &extension->link, &unused);
            break;
        case 'g': /* comments of git archives; nobody writes anything else there */
        case 'V': /* GNU's volume label */
            result = read_extension(reader, &header, &ignored, &unused);
            free(ignored);
            break;
        default:
            return build_entry(reader, &header, extension, entry);
        }
        if (result < 0)
            return -1;
    }
}

int tar_next(struct tar_reader *reader, struct tar_entry *entry)
{
    tar_entry_init(entry);
    if (reader->ended)
        return 0;
    if (skip(reader, reader->remaining) < 0 || skip(reader, reader->padding) < 0)
        return -1;
    reader->remaining = 0;
    reader->padding = 0;
    struct extension extension = {0};
    int result = read_entry(reader, &extension, entry);
    extension_free(&extension);
    if (result <= 0)
        reader->ended = true;
    if (result < 0)
        tar_entry_free(entry);
    return result;
}

ssize_t tar_read(struct tar_reader *reader, void *buffer, size_t size)
{
    if ((int64_t)size > reader->remaining)
        size = (size_t)reader->remaining;
    if (size == 0)
        return 0;
    ssize_t count = tar_read_full(reader, buffer, size);
    if (count < 0)
        return -1;
    if ((size_t)count < size)
        return tar_truncated(reader);
    reader->remaining -= count;
    reader->total += count;
    return count;
}

int tar_drain(struct tar_reader *reader)
{
    char buffer[16384];
    ssize_t count;
    do
        count = tar_read_full(reader, buffer, sizeof buffer);
    while (count == (ssize_t)sizeof buffer);
    return count < 0 ? -1 : 0;
}
