#include "check.h"
#include "filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define LAYERS 100

/* The way for kernels before 6.5 works on later ones too; it is tested on whatever runs here. */
static void layers_longer_than_a_page_are_mounted_the_old_way(const char *folder)
{
    static char paths[LAYERS][200];
    const char *items[LAYERS];
    struct string_list lower = {items, LAYERS};
    struct failure failure = {0};
    char upper[200], work[200], scratch[200], text[8] = "";
    int root, file;

    for (int i = 0; i < LAYERS; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%064d", folder, i);
        items[i] = paths[i];
        CHECK_INT(mkdir(paths[i], 0755), 0);
        file =
            openat(AT_FDCWD, strcat(strcpy(upper, paths[i]), "/top"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        CHECK_INT(dprintf(file, "%d", i) > 0, 1);
        close(file);
    }
    snprintf(upper, sizeof upper, "%s/upper", folder);
    snprintf(work, sizeof work, "%s/work", folder);
    snprintf(scratch, sizeof scratch, "%s/scratch", folder);
    CHECK(mkdir(upper, 0755) == 0 && mkdir(work, 0755) == 0 && mkdir(scratch, 0755) == 0);
    root = filesystem_overlay_old(&lower, upper, work, scratch, &failure);
    if (root < 0)
        fprintf(stderr, "%s (%s)\n", failure.text, error_errno_name(failure.error));
    CHECK(root >= 0);
    file = openat(root, "top", O_RDONLY | O_CLOEXEC);
    CHECK(read(file, text, sizeof text - 1) > 0);
    CHECK_TEXT(text, "99");
    close(file);
    CHECK_INT(mkdirat(root, "made", 0755), 0);
    CHECK_INT(access(strcat(upper, "/made"), F_OK), 0);
    /* Nothing covers the scratch folder any more. */
    CHECK_INT(mkdir(strcat(scratch, "/own"), 0755), 0);
    CHECK_INT(access(scratch, F_OK), 0);
    close(root);
}

static void a_layer_twice_counts_where_it_is_uppermost(const char *folder)
{
    static const char *const names[] = {"one", "two"};
    char one[200], two[200], scratch[200], path[260], text[8] = "";
    const char *items[] = {one, two, one};
    struct string_list lower = {items, 3};
    struct failure failure = {0};
    int root, file;

    snprintf(one, sizeof one, "%s/one", folder);
    snprintf(two, sizeof two, "%s/two", folder);
    snprintf(scratch, sizeof scratch, "%s/scratch", folder);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(mkdir(i ? two : one, 0755), 0);
        snprintf(path, sizeof path, "%s/%s/file", folder, names[i]);
        file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        CHECK(dprintf(file, "%s", names[i]) > 0);
        close(file);
    }
    snprintf(path, sizeof path, "%s/two/only", folder);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    root = filesystem_overlay(&lower, NULL, NULL, scratch, &failure);
    CHECK(root >= 0);
    file = openat(root, "file", O_RDONLY | O_CLOEXEC);
    CHECK(read(file, text, sizeof text - 1) > 0);
    CHECK_TEXT(text, "one");
    CHECK_INT(faccessat(root, "only", F_OK, 0), 0);
    close(file);
    close(root);
}

static void a_missing_layer_is_told(void)
{
    const char *items[] = {"/no/such/layer", "/"};
    struct string_list lower = {items, 2};
    struct failure failure = {0};

    CHECK_INT(filesystem_overlay(&lower, NULL, NULL, "/proc", &failure), -1);
    CHECK_INT(failure.stage, STAGE_ROOTFS);
    CHECK_INT(failure.error, ENOENT);
}

int main(void)
{
    char folder[] = "/var/tmp/mydocker-overlay-XXXXXX";
    char command[80];

    if (geteuid() != 0 || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
        fprintf(stderr, "overlay-test needs root\n");
        return getenv("CI") ? 1 : 0;
    }
    CHECK(mkdtemp(folder) != NULL);
    layers_longer_than_a_page_are_mounted_the_old_way(folder);
    a_layer_twice_counts_where_it_is_uppermost(folder);
    a_missing_layer_is_told();
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}
