#include "tar-writer.h"

#include "cleanup.h"
#include "memory.h"
#include "tar-format.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define BUFFER_SIZE (256 * 1024)

struct records {
    char *text;
    size_t size;
};

static int flush(struct tar_writer *writer)
{
    for (size_t done = 0; done < writer->used;) {
        ssize_t count = write(writer->fd, writer->buffer + done, writer->used - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(writer->failure, STAGE_ARCHIVE, errno, "writing the archive");
        done += (size_t)count;
    }
    writer->used = 0;
    return 0;
}

static int put(struct tar_writer *writer, const void *data, size_t size)
{
    if (writer->buffer == NULL)
        writer->buffer = memory_allocate(BUFFER_SIZE, 1);
    while (size > 0) {
        if (writer->used == BUFFER_SIZE && flush(writer) < 0)
            return -1;
        size_t step = BUFFER_SIZE - writer->used < size ? BUFFER_SIZE - writer->used : size;
        memcpy(writer->buffer + writer->used, data, step);
        writer->used += step;
        data = (const char *)data + step;
        size -= step;
    }
    return 0;
}

static int put_padding(struct tar_writer *writer, int64_t size)
{
    static const char zeros[TAR_BLOCK];
    return put(writer, zeros, (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK));
}

/* `LENGTH KEY=VALUE\n`; the length counts its own digits. */
static void add_record(struct records *records, const char *key, const void *value, size_t size)
{
    size_t rest = strlen(key) + size + 3;
    size_t length = rest + 1;
    char digits[24];
    while (rest + (size_t)snprintf(digits, sizeof digits, "%zu", length) != length)
        length = rest + strlen(digits);
    records->text = memory_resize(records->text, records->size + length + 1, 1);
    char *at = records->text + records->size;
    at += sprintf(at, "%zu %s=", length, key);
    memcpy(at, value, size);
    at[size] = '\n';
    records->size += length;
}

static void set_string(struct records *records, const char *key, char *field, size_t size, const char *value)
{
    size_t length = strlen(value);
    memcpy(field, value, length < size ? length : size);
    if (length > size)
        add_record(records, key, value, length);
}

static void set_number(struct records *records, const char *key, char *field, size_t size, int64_t value)
{
    if (tar_format_number(field, size, value))
        return;
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", (long long)value);
    add_record(records, key, text, (size_t)length);
}

static char type_of(const struct tar_entry *entry)
{
    if (entry->is_hardlink)
        return '1';
    switch (entry->format) {
    case S_IFLNK:
        return '2';
    case S_IFCHR:
        return '3';
    case S_IFBLK:
        return '4';
    case S_IFDIR:
        return '5';
    case S_IFIFO:
        return '6';
    default:
        return '0';
    }
}

static void start_header(struct tar_header *header, char type)
{
    *header = (struct tar_header){.type = type};
    memcpy(header->magic, "ustar", 6);
    memcpy(header->version, "00", 2);
    (void)tar_format_number(header->mode, sizeof header->mode, 0);
    (void)tar_format_number(header->uid, sizeof header->uid, 0);
    (void)tar_format_number(header->gid, sizeof header->gid, 0);
    (void)tar_format_number(header->mtime, sizeof header->mtime, 0);
    (void)tar_format_number(header->dev_major, sizeof header->dev_major, 0);
    (void)tar_format_number(header->dev_minor, sizeof header->dev_minor, 0);
}

static int put_records(struct tar_writer *writer, const struct records *records)
{
    if (records->size == 0)
        return 0;
    struct tar_header header;
    start_header(&header, 'x');
    memcpy(header.name, "pax", 3);
    (void)tar_format_number(header.mode, sizeof header.mode, 0644);
    (void)tar_format_number(header.size, sizeof header.size, (int64_t)records->size);
    tar_set_checksum(&header);
    if (put(writer, &header, sizeof header) < 0 || put(writer, records->text, records->size) < 0)
        return -1;
    return put_padding(writer, (int64_t)records->size);
}

static void add_xattrs(struct records *records, const struct tar_entry *entry)
{
    for (size_t i = 0; i < entry->xattr_count; i++) {
        CLEANUP_FREE char *key = memory_format("SCHILY.xattr.%s", entry->xattrs[i].name);
        add_record(records, key, entry->xattrs[i].value, entry->xattrs[i].size);
    }
}

int tar_write_entry(struct tar_writer *writer, const struct tar_entry *entry)
{
    struct tar_header header;
    struct records records = {0};
    start_header(&header, type_of(entry));
    set_string(&records, "path", header.name, sizeof header.name, entry->path);
    if (entry->link != NULL)
        set_string(&records, "linkpath", header.link, sizeof header.link, entry->link);
    (void)tar_format_number(header.mode, sizeof header.mode, entry->mode & 07777);
    set_number(&records, "uid", header.uid, sizeof header.uid, entry->uid);
    set_number(&records, "gid", header.gid, sizeof header.gid, entry->gid);
    set_number(&records, "size", header.size, sizeof header.size, entry->size);
    set_number(&records, "mtime", header.mtime, sizeof header.mtime, entry->mtime.tv_sec);
    (void)tar_format_number(header.dev_major, sizeof header.dev_major, entry->dev_major);
    (void)tar_format_number(header.dev_minor, sizeof header.dev_minor, entry->dev_minor);
    add_xattrs(&records, entry);
    tar_set_checksum(&header);
    int result = put_records(writer, &records);
    free(records.text);
    if (result == 0)
        result = put(writer, &header, sizeof header);
    writer->entries++;
    return result;
}

int tar_write_data(struct tar_writer *writer, int file, int64_t size)
{
    bool ended = false;
    for (int64_t rest = size; rest > 0;) {
        if (writer->used == BUFFER_SIZE && flush(writer) < 0)
            return -1;
        size_t room = BUFFER_SIZE - writer->used;
        size_t step = rest < (int64_t)room ? (size_t)rest : room;
        ssize_t count = ended ? 0 : read(file, writer->buffer + writer->used, step);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(writer->failure, STAGE_ARCHIVE, errno, "reading a file");
        if (count == 0) {
            ended = true;
            memset(writer->buffer + writer->used, 0, step);
            count = (ssize_t)step;
        }
        writer->used += (size_t)count;
        rest -= count;
    }
    writer->bytes += size;
    return put_padding(writer, size);
}

int tar_write_end(struct tar_writer *writer)
{
    static const char zeros[2 * TAR_BLOCK];
    return put(writer, zeros, sizeof zeros) < 0 ? -1 : flush(writer);
}

void tar_writer_free(struct tar_writer *writer)
{
    free(writer->buffer);
    writer->buffer = NULL;
}
