#include "extract.h"
#include "tar-writer.h"

#include "check.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>

/* Archives built entry by entry and extracted below a fresh folder beside a secret that must not change. */
static char base[] = "/tmp/extract-test-XXXXXX";
static struct tar_writer writer;
static struct failure failure;

static void start_archive(void)
{
    failure = (struct failure){0};
    writer = (struct tar_writer){.fd = memfd_create("archive", MFD_CLOEXEC), .failure = &failure};
    CHECK(writer.fd >= 0);
}

static void add(mode_t format, const char *path, const char *link)
{
    struct tar_entry entry;

    tar_entry_init(&entry);
    entry.path = memory_copy_string(path);
    entry.link = memory_copy_string(link);
    entry.format = format;
    entry.is_hardlink = format == 0;
    entry.mode = 0755;
    entry.mtime.tv_sec = 1000;
    CHECK_INT(tar_write_entry(&writer, &entry), 0);
    tar_entry_free(&entry);
}

static ssize_t read_archive(void *context, void *buffer, size_t size)
{
    return read(*(int *)context, buffer, size);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status, (void)type, (void)place;
    return remove(path);
}

static void make_root(const char *name)
{
    CHECK(chdir(base) == 0);
    if (nftw(name, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0)
        CHECK_INT(errno, ENOENT);
    CHECK_INT(mkdir(name, 0755), 0);
}

static int extract_archive(bool layer)
{
    struct tar_reader reader = {.source = read_archive, .context = &writer.fd, .failure = &failure};
    struct extract extract = {.base = "", .layer = layer, .reader = &reader, .failure = &failure};

    CHECK_INT(tar_write_end(&writer), 0);
    CHECK_INT(lseek(writer.fd, 0, SEEK_SET), 0);
    extract.root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    CHECK(extract.root >= 0);
    int result = extract_run(&extract);
    close(extract.root);
    close(writer.fd);
    tar_writer_free(&writer);
    return result;
}

static void expect_refused(bool layer, const char *words)
{
    char secret[8] = "";

    make_root("root");
    CHECK_INT(extract_archive(layer), -1);
    if (!strstr(failure.text, words))
        CHECK_TEXT(failure.text, words);
    int fd = open("secret", O_RDONLY | O_CLOEXEC);
    CHECK_INT(read(fd, secret, sizeof secret), 6);
    CHECK_TEXT(secret, "secret");
    close(fd);
    CHECK(access("escaped", F_OK) < 0);
}

static void test_hostile_archives_are_refused(void)
{
    start_archive();
    add(S_IFREG, "../escaped", "");
    expect_refused(true, "..");

    start_archive();
    add(S_IFREG, "a/../../escaped", "");
    expect_refused(true, "..");

    start_archive();
    add(S_IFREG, "/tmp/escaped", "");
    expect_refused(true, "absolute");

    start_archive();
    add(S_IFLNK, "way", "..");
    add(S_IFREG, "way/escaped", "");
    expect_refused(true, "leads out");

    start_archive();
    add(S_IFLNK, "way", base);
    add(S_IFREG, "way/escaped", "");
    expect_refused(true, "leads out");

    start_archive();
    add(0, "name", "../secret");
    expect_refused(true, "..");

    start_archive();
    add(S_IFLNK, "way", "..");
    add(0, "name", "way/secret");
    expect_refused(true, "hard link");

    start_archive();
    add(S_IFREG, "file", "");
    add(S_IFREG, "file/below", "");
    expect_refused(true, "folder");

    start_archive();
    add(S_IFREG, "twice", "");
    add(S_IFDIR, "twice", "");
    expect_refused(true, "another type");

    start_archive();
    add(S_IFCHR, "hidden", "");
    expect_refused(true, "0:0");

    start_archive();
    add(S_IFREG, "a/.wh...", "");
    expect_refused(true, "whiteout");

    start_archive();
    add(S_IFREG, ".wh.a/b", "");
    expect_refused(true, "whiteout");
}

static void test_a_copy_stays_inside_whatever_links_say(void)
{
    struct stat status;

    start_archive();
    add(S_IFLNK, "way", base);
    add(S_IFREG, "way/escaped", "");
    make_root("root");
    /* Inside the tree the link leads to a folder that is not there. */
    CHECK_INT(extract_archive(false), -1);
    CHECK(access("escaped", F_OK) < 0);

    start_archive();
    add(S_IFREG, "file", "");
    make_root("root");
    CHECK_INT(symlink("../secret", "root/file"), 0);
    CHECK_INT(extract_archive(false), 0);
    CHECK_INT(lstat("root/file", &status), 0);
    CHECK(S_ISREG(status.st_mode));

    start_archive();
    add(S_IFREG, "directory", "");
    make_root("root");
    CHECK_INT(mkdir("root/directory", 0755), 0);
    CHECK_INT(extract_archive(false), -1);
    CHECK_TEXT(error_errno_name(failure.error), "EISDIR");
}

static void test_whiteouts(void)
{
    struct stat status;
    char value;

    start_archive();
    add(S_IFDIR, "d", "");
    add(S_IFREG, "d/.wh.gone", "");
    add(S_IFREG, "d/.wh..wh..opq", "");
    add(S_IFREG, ".wh.replaced", "");
    add(S_IFDIR, "replaced", "");
    add(S_IFDIR, "kept", "");
    add(S_IFREG, ".wh.kept", "");
    add(S_IFREG, ".wh..wh.plnk/1.2", "");
    make_root("root");
    CHECK_INT(extract_archive(true), 0);
    CHECK_INT(lstat("root/d/gone", &status), 0);
    CHECK(S_ISCHR(status.st_mode) && status.st_rdev == 0);
    CHECK_INT(getxattr("root/d", "trusted.overlay.opaque", &value, 1), 1);
    CHECK_INT(getxattr("root/replaced", "trusted.overlay.opaque", &value, 1), 1);
    CHECK_INT(getxattr("root/kept", "trusted.overlay.opaque", &value, 1), 1);
    CHECK_INT(value, 'y');
}

static void test_metadata(void)
{
    struct stat status;
    struct stat other;

    start_archive();
    add(S_IFDIR, "d", "");
    add(S_IFREG, "d/file", "");
    add(0, "d/other", "d/file");
    add(S_IFIFO, "d/pipe", "");
    add(S_IFLNK, "d/link", "nowhere");
    make_root("root");
    CHECK_INT(extract_archive(true), 0);
    CHECK_INT(lstat("root/d/file", &status), 0);
    CHECK_INT(lstat("root/d/other", &other), 0);
    CHECK_INT(status.st_ino, other.st_ino);
    CHECK_INT(status.st_mtim.tv_sec, 1000);
    CHECK_INT(lstat("root/d", &status), 0);
    CHECK_INT(status.st_mtim.tv_sec, 1000);
    CHECK_INT(status.st_mode & 07777, 0755);
    CHECK_INT(lstat("root/d/pipe", &status), 0);
    CHECK(S_ISFIFO(status.st_mode));
    CHECK_INT(lstat("root/d/link", &status), 0);
    CHECK_INT(status.st_mtim.tv_sec, 1000);
}

int main(void)
{
    if (geteuid() != 0) {
        fputs("extract-test: skipped, it needs root\n", stderr);
        return getenv("CI") ? 1 : 0;
    }
    CHECK(mkdtemp(base) != NULL);
    CHECK_INT(chdir(base), 0);
    int fd = open("secret", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK_INT(write(fd, "secret", 6), 6);
    close(fd);
    test_hostile_archives_are_refused();
    test_a_copy_stays_inside_whatever_links_say();
    test_whiteouts();
    test_metadata();
    CHECK_INT(nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    return 0;
}
