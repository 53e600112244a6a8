#include "tar-reader.h"
#include "tar-writer.h"

#include "check.h"
#include "memory.h"

#include <sys/mman.h>
#include <sys/stat.h>

/* An archive in memory, written by hand or by the writer. */
static int archive;
static struct failure failure;

static void start_archive(void)
{
    archive = memfd_create("archive", MFD_CLOEXEC);
    CHECK(archive >= 0);
    failure = (struct failure){0};
}

static ssize_t read_archive(void *context, void *buffer, size_t size)
{
    return read(*(int *)context, buffer, size);
}

static struct tar_reader open_archive(void)
{
    CHECK_INT(lseek(archive, 0, SEEK_SET), 0);
    return (struct tar_reader){.source = read_archive, .context = &archive, .failure = &failure};
}

static void put(const void *data, size_t size)
{
    static const char zeros[TAR_BLOCK];
    size_t padding = (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;

    CHECK_INT(write(archive, data, size), size);
    CHECK_INT(write(archive, zeros, padding), padding);
}

static void put_header(char type, const char *name, int64_t size)
{
    struct tar_header header = {.type = type};

    memcpy(header.magic, "ustar", 6);
    memcpy(header.name, name, strlen(name));
    tar_format_number(header.mode, sizeof header.mode, 0644);
    tar_format_number(header.uid, sizeof header.uid, 0);
    tar_format_number(header.gid, sizeof header.gid, 0);
    tar_format_number(header.mtime, sizeof header.mtime, 1);
    tar_format_number(header.size, sizeof header.size, size);
    tar_set_checksum(&header);
    put(&header, sizeof header);
}

static void put_end(void)
{
    static const char zeros[2 * TAR_BLOCK];

    put(zeros, sizeof zeros);
}

static void test_what_the_writer_writes_the_reader_reads(void)
{
    char name[300];
    static const char value[] = {0, 1, (char)0xff, '\n', '=', 0};
    struct tar_entry out;
    struct tar_entry in;
    struct tar_writer writer = {.failure = &failure};
    struct tar_reader reader;

    memset(name, 'n', sizeof name - 1);
    name[0] = (char)0xe4; /* names are bytes, not UTF-8 */
    name[sizeof name - 1] = '\0';
    start_archive();
    writer.fd = archive;
    tar_entry_init(&out);
    out.path = memory_copy_string(name);
    out.format = S_IFREG;
    out.mode = 04711;
    out.uid = 4000000000;
    out.gid = 7;
    out.size = 5;
    out.mtime.tv_sec = -5;
    CHECK(tar_entry_add_xattr(&out, "security.capability", 19, value, sizeof value));
    CHECK_INT(tar_write_entry(&writer, &out), 0);
    int data = memfd_create("data", MFD_CLOEXEC);
    CHECK_INT(write(data, "hello", 5), 5);
    CHECK_INT(lseek(data, 0, SEEK_SET), 0);
    CHECK_INT(tar_write_data(&writer, data, 5), 0);
    CHECK_INT(tar_write_end(&writer), 0);
    tar_writer_free(&writer);
    close(data);

    reader = open_archive();
    CHECK_INT(tar_next(&reader, &in), 1);
    CHECK_TEXT(in.path, name);
    CHECK_INT(in.mode, 04711);
    CHECK_INT(in.uid, 4000000000);
    CHECK_INT(in.mtime.tv_sec, -5);
    CHECK_INT(in.xattr_count, 1);
    CHECK_INT(in.xattrs[0].size, sizeof value);
    CHECK(memcmp(in.xattrs[0].value, value, sizeof value) == 0);
    char text[16];
    CHECK_INT(tar_read(&reader, text, sizeof text), 5);
    CHECK(memcmp(text, "hello", 5) == 0);
    CHECK_INT(tar_read(&reader, text, sizeof text), 0);
    tar_entry_free(&in);
    CHECK_INT(tar_next(&reader, &in), 0);
    tar_entry_free(&out);
    close(archive);
}

static void test_gnu_long_names_and_links(void)
{
    char name[600];
    struct tar_entry entry;

    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    start_archive();
    put_header('L', "././@LongLink", sizeof name);
    put(name, sizeof name);
    put_header('K', "././@LongLink", 4);
    put("abc", 4);
    put_header('2', "short", 0);
    put_end();
    struct tar_reader reader = open_archive();
    CHECK_INT(tar_next(&reader, &entry), 1);
    CHECK_TEXT(entry.path, name);
    CHECK_TEXT(entry.link, "abc");
    CHECK_INT(entry.format, S_IFLNK);
    tar_entry_free(&entry);
    close(archive);
}

static void test_sparse_map_before_the_data(void)
{
    static const char records[] = "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
                                  "29 GNU.sparse.name=real/name\n29 GNU.sparse.realsize=10000\n";
    static const char map[TAR_BLOCK] = "1\n9995\n5\n";
    struct tar_entry entry;

    start_archive();
    put_header('x', "pax", sizeof records - 1);
    put(records, sizeof records - 1);
    put_header('0', "GNUSparseFile.0/name", TAR_BLOCK + 5);
    put(map, TAR_BLOCK);
    put("tail!", 5);
    put_end();
    struct tar_reader reader = open_archive();
    CHECK_INT(tar_next(&reader, &entry), 1);
    CHECK_TEXT(entry.path, "real/name");
    CHECK_INT(entry.sparse.real_size, 10000);
    CHECK_INT(entry.sparse.count, 1);
    CHECK_INT(entry.sparse.runs[0].offset, 9995);
    CHECK_INT(reader.remaining, 5);
    tar_entry_free(&entry);
    close(archive);
}

static void expect_refusal(const char *words)
{
    struct tar_reader reader = open_archive();
    struct tar_entry entry;
    int result;

    while ((result = tar_next(&reader, &entry)) > 0) {
        char text[100];
        ssize_t count;

        while ((count = tar_read(&reader, text, sizeof text)) > 0)
            ;
        tar_entry_free(&entry);
        if (count < 0)
            break;
    }
    CHECK_INT(failure.stage, STAGE_ARCHIVE);
    if (!strstr(failure.text, words))
        CHECK_TEXT(failure.text, words);
    close(archive);
}

static void test_damaged_archives_are_refused(void)
{
    start_archive();
    put("this is no archive at all", 25);
    expect_refusal("checksum");

    start_archive();
    put_header('0', "file", 3 * TAR_BLOCK);
    put("too little", 10);
    expect_refusal("truncated");

    start_archive();
    put_header('0', "file", 0);
    expect_refusal("truncated"); /* no end marker */

    start_archive();
    put_header('M', "volume", 0);
    put_end();
    expect_refusal("not supported");

    start_archive();
    put_header('x', "pax", 8);
    put("9 a=bcde", 8);
    put_header('0', "file", 0);
    put_end();
    expect_refusal("malformed");

    start_archive();
    put_header('x', "pax", 2 << 20);
    expect_refusal("too large");

    start_archive();
    put_header('x', "pax", 11);
    put("11 size=-1\n", 11);
    put_header('0', "file", 0);
    put_end();
    expect_refusal("negative");
}

static void test_numbers(void)
{
    int64_t value;
    char field[12];

    CHECK(tar_parse_number("0000644", 8, &value));
    CHECK_INT(value, 0644);
    CHECK(tar_parse_number("   644 ", 8, &value));
    CHECK_INT(value, 0644);
    CHECK(!tar_parse_number("64x4\0\0\0", 8, &value));
    CHECK(tar_parse_number("\x80\0\0\0\x01\0\0\0", 8, &value));
    CHECK_INT(value, 1LL << 24);
    CHECK(tar_parse_number("\xff\xff\xff\xff\xff\xff\xff\xfb", 8, &value));
    CHECK_INT(value, -5);
    CHECK(!tar_parse_number("\x80\x01\0\0\0\0\0\0\0\0\0\0", 12, &value));
    CHECK(!tar_format_number(field, sizeof field, 1LL << 34));
    CHECK(tar_format_number(field, sizeof field, (1LL << 33) - 1));
    CHECK_TEXT(field, "77777777777");
}

int main(void)
{
    test_what_the_writer_writes_the_reader_reads();
    test_gnu_long_names_and_links();
    test_sparse_map_before_the_data();
    test_damaged_archives_are_refused();
    test_numbers();
    return 0;
}
