#include "pack.h"

#include "cleanup.h"
#include "filesystem.h"
#include "memory.h"
#include "pack-entry.h"
#include "read-records.h"
#include "tree-root.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum mode { MODE_TREE, MODE_LAYER, MODE_WALK, MODE_STAT };

struct arguments {
    struct tree_options tree;
    const char *path;
    const char *name;
    enum mode mode;
    const char **excludes;
    size_t exclude_count;
    bool listed;
};

static int parse_mode(const char *value, enum mode *mode)
{
    static const char *const names[] = {"tree", "layer", "walk", "stat"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(value, names[i]) == 0) {
            *mode = (enum mode)i;
            return 0;
        }
    }
    return -1;
}

static int parse_value(struct arguments *arguments, const char *name, const char *value,
                       struct failure *failure)
{
    int known = tree_option(&arguments->tree, name, value, failure);
    if (known != 0)
        return known;
    if (strcmp(name, "--path") == 0) {
        arguments->path = value;
    } else if (strcmp(name, "--name") == 0) {
        arguments->name = value;
    } else if (strcmp(name, "--exclude") == 0) {
        arguments->excludes =
            memory_resize(arguments->excludes, arguments->exclude_count + 1, sizeof *arguments->excludes);
        arguments->excludes[arguments->exclude_count++] = value;
    } else if (strcmp(name, "--mode") != 0 || parse_mode(value, &arguments->mode) < 0) {
        return fail(failure, STAGE_REQUEST, EINVAL, "unknown option %s %s", name, value);
    }
    return 0;
}

static int parse_arguments(struct arguments *arguments, int argc, char **argv, struct failure *failure)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--one-file-system") == 0) {
            arguments->tree.bare = true;
            continue;
        }
        if (strcmp(argv[i], "--list") == 0) {
            arguments->listed = true;
            continue;
        }
        if (i + 1 == argc)
            return fail(failure, STAGE_REQUEST, EINVAL, "unknown option %s, or its value is missing",
                        argv[i]);
        if (parse_value(arguments, argv[i], argv[i + 1], failure) < 0)
            return -1;
        i++;
    }
    return 0;
}

/* Opens the folder that holds the start; `name` is the start's name in it, `.` for the root. */
static int open_start(int root, const char *path, char **name, struct failure *failure)
{
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '/')
        length--;
    size_t start = length;
    while (start > 0 && path[start - 1] != '/')
        start--;
    *name = length == start ? memory_copy_string(".")
                            : memory_format("%.*s", (int)(length - start), path + start);
    CLEANUP_FREE char *folder = memory_format("/%.*s", (int)start, path);
    /* Resolved by the kernel inside the root: only a last component that is not a link is left to the walk.
     */
    bool climbs = strcmp(*name, "..") == 0;
    int fd = tree_open_inside(root, climbs ? path : folder, O_RDONLY | O_DIRECTORY);
    if (climbs)
        strcpy(*name, ".");
    if (fd < 0)
        fail(failure, STAGE_ARCHIVE, errno, "%s: opening its folder", path);
    return fd;
}

static int stop_here(struct walk *walk, const struct walk_entry *found)
{
    return pack_visit_list(walk, found) < 0 ? -1 : 1;
}

/* `--lower` beside `--root`: what the write layer lies on. */
static int open_below(const struct arguments *arguments, struct pack *pack, struct failure *failure)
{
    if (arguments->mode != MODE_WALK || arguments->tree.root == NULL || arguments->tree.lower_count == 0)
        return 0;
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return fail(failure, STAGE_NAMESPACE, errno, "making a mount namespace");
    const struct string_list lower = {.items = arguments->tree.lower, .count = arguments->tree.lower_count};
    pack->below = filesystem_overlay(&lower, NULL, NULL, "/proc", failure);
    return pack->below < 0 ? -1 : 0;
}

static int run(const struct arguments *arguments, struct pack *pack, struct failure *failure)
{
    CLEANUP_FREE char *name = NULL;
    CLEANUP_FD int root = tree_open(&arguments->tree, failure);
    if (root < 0)
        return -1;
    CLEANUP_FD int folder = open_start(root, arguments->path, &name, failure);
    if (folder < 0 || open_below(arguments, pack, failure) < 0)
        return -1;
    struct walk walk = {
        .visit = pack_visit, .context = pack, .one_file_system = arguments->tree.bare, .failure = failure};
    if (arguments->mode == MODE_WALK)
        walk.visit = pack_visit_list;
    if (arguments->mode == MODE_STAT)
        walk.visit = stop_here;
    if (walk_run(&walk, folder, name) < 0)
        return -1;
    return walk.visit == pack_visit ? tar_write_end(&pack->writer) : 0;
}

static int visit_alone(struct walk *walk, const struct walk_entry *found)
{
    return pack_visit(walk, found) < 0 ? -1 : 1;
}

/* One entry alone; one that is gone is left out. */
static int pack_listed(struct pack *pack, const char *path, const char *name, struct failure *failure)
{
    struct walk walk = {.visit = visit_alone, .context = pack, .failure = failure};
    struct stat status;
    const char *slash = strrchr(path, '/');
    if (*path != '/' || slash[1] == '\0' || *name == '\0')
        return fail(failure, STAGE_REQUEST, EINVAL, "%.200s is not an absolute path of something", path);
    CLEANUP_FREE char *parent = memory_format("%.*s/", (int)(slash - path), path);
    CLEANUP_FD int folder = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || fstatat(folder, slash + 1, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : fail(failure, STAGE_ARCHIVE, errno, "%s: looking at it", path);
    pack->name = name;
    return walk_run(&walk, folder, slash + 1);
}

static int run_list(struct pack *pack, struct failure *failure)
{
    struct records records;
    int result = read_records(&records, 2, failure);
    for (size_t i = 0; result == 0 && i < records.count; i += 2)
        result = pack_listed(pack, records.items[i], records.items[i + 1], failure);
    records_free(&records);
    return result == 0 ? tar_write_end(&pack->writer) : -1;
}

int pack_main(int argc, char **argv)
{
    struct failure failure = {0};
    struct arguments arguments = {.path = "/", .name = ""};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_IGN);
    int result = parse_arguments(&arguments, argc, argv, &failure);
    struct pack pack = {
        .writer = {.fd = STDOUT_FILENO, .failure = &failure},
        .layer = arguments.mode == MODE_LAYER,
        .name = arguments.name,
        .excludes = arguments.excludes,
        .exclude_count = arguments.exclude_count,
        .below = -1,
        .failure = &failure,
    };
    if (result == 0)
        result = arguments.listed ? run_list(&pack, &failure) : run(&arguments, &pack, &failure);
    pack_free(&pack);
    cleanup_close_fd(&pack.below);
    free(arguments.excludes);
    tree_options_free(&arguments.tree);
    return tree_report(result, &failure, pack.writer.entries, pack.writer.bytes);
}
