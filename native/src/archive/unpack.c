#include "unpack.h"

#include "cleanup.h"
#include "extract.h"
#include "json.h"
#include "memory.h"
#include "tree-root.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define INPUT_SIZE (256 * 1024)

/* Headers are read in blocks of 512 bytes; the kernel is asked for more at once. */
struct input {
    char *buffer;
    size_t start;
    size_t end;
};

static ssize_t read_input(void *context, void *target, size_t size)
{
    struct input *input = context;
    if (input->start == input->end) {
        if (size >= INPUT_SIZE)
            return read(STDIN_FILENO, target, size);
        ssize_t count = read(STDIN_FILENO, input->buffer, INPUT_SIZE);
        if (count <= 0)
            return count;
        input->start = 0;
        input->end = (size_t)count;
    }
    size_t step = input->end - input->start < size ? input->end - input->start : size;
    memcpy(target, input->buffer + input->start, step);
    input->start += step;
    return (ssize_t)step;
}

struct arguments {
    struct tree_options tree;
    const char *path;
    bool layer;
    bool end_optional;
    bool sync;
    bool set_owner;
    unsigned uid;
    unsigned gid;
};

static int parse_value(struct arguments *arguments, const char *name, const char *value,
                       struct failure *failure)
{
    int known = tree_option(&arguments->tree, name, value, failure);
    if (known != 0)
        return known;
    if (strcmp(name, "--path") == 0) {
        arguments->path = value;
    } else if (strcmp(name, "--mode") == 0 && (strcmp(value, "layer") == 0 || strcmp(value, "copy") == 0)) {
        arguments->layer = strcmp(value, "layer") == 0;
    } else if (strcmp(name, "--chown") == 0) {
        arguments->set_owner = true;
        if (sscanf(value, "%u:%u", &arguments->uid, &arguments->gid) != 2)
            return fail(failure, STAGE_REQUEST, EINVAL, "--chown %s is not UID:GID", value);
    } else {
        return fail(failure, STAGE_REQUEST, EINVAL, "unknown option %s %s", name, value);
    }
    return 0;
}

static int parse_arguments(struct arguments *arguments, int argc, char **argv, struct failure *failure)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--end-optional") == 0) {
            arguments->end_optional = true;
        } else if (strcmp(argv[i], "--sync") == 0) {
            arguments->sync = true;
        } else if (i + 1 == argc) {
            return fail(failure, STAGE_REQUEST, EINVAL, "unknown option %s, or its value is missing",
                        argv[i]);
        } else {
            if (parse_value(arguments, argv[i], argv[i + 1], failure) < 0)
                return -1;
            i++;
        }
    }
    if (arguments->layer && (arguments->tree.root == NULL || arguments->path != NULL))
        return fail(failure, STAGE_REQUEST, EINVAL, "a layer needs --root and no --path");
    return 0;
}

static int run(const struct arguments *arguments, struct extract *extract, struct failure *failure)
{
    CLEANUP_FD int root = tree_open(&arguments->tree, failure);
    if (root < 0)
        return -1;
    CLEANUP_FREE char *buffer = memory_allocate(INPUT_SIZE, 1);
    struct input input = {.buffer = buffer};
    struct tar_reader reader = {
        .source = read_input, .context = &input, .end_optional = arguments->end_optional, .failure = failure};
    extract->root = root;
    extract->reader = &reader;
    int result = extract_run(extract);
    extract->reader = NULL;
    extract->bytes = reader.total;
    if (result < 0 || !arguments->sync)
        return result;
    CLEANUP_FD int folder = open(arguments->tree.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || syncfs(folder) < 0)
        return fail(failure, STAGE_ARCHIVE, errno, "writing the files to disk");
    return 0;
}

int unpack_main(int argc, char **argv)
{
    struct failure failure = {0};
    struct arguments arguments = {.layer = true};
    /* Half an archive is worth nothing once the one who wanted it is gone. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)umask(0);
    int result = parse_arguments(&arguments, argc, argv, &failure);
    struct extract extract = {
        .base = arguments.path == NULL ? "" : arguments.path,
        .layer = arguments.layer,
        .set_owner = arguments.set_owner,
        .uid = arguments.uid,
        .gid = arguments.gid,
        .failure = &failure,
    };
    if (result == 0)
        result = run(&arguments, &extract, &failure);
    tree_options_free(&arguments.tree);
    return tree_report(result, &failure, extract.entries, extract.bytes);
}
