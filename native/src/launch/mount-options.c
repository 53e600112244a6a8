#include "mount-options.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

static const struct {
    const char *name;
    uint64_t set, clear, propagation;
    bool recursive_propagation, recursive;
} mount_words[] = {
    {.name = "ro", .set = MOUNT_ATTR_RDONLY},
    {.name = "rro", .set = MOUNT_ATTR_RDONLY, .recursive = true},
    {.name = "rw", .clear = MOUNT_ATTR_RDONLY},
    {.name = "nosuid", .set = MOUNT_ATTR_NOSUID},
    {.name = "suid", .clear = MOUNT_ATTR_NOSUID},
    {.name = "nodev", .set = MOUNT_ATTR_NODEV},
    {.name = "dev", .clear = MOUNT_ATTR_NODEV},
    {.name = "noexec", .set = MOUNT_ATTR_NOEXEC},
    {.name = "exec", .clear = MOUNT_ATTR_NOEXEC},
    {.name = "relatime", .set = MOUNT_ATTR_RELATIME, .clear = MOUNT_ATTR__ATIME},
    {.name = "noatime", .set = MOUNT_ATTR_NOATIME, .clear = MOUNT_ATTR__ATIME},
    {.name = "strictatime", .set = MOUNT_ATTR_STRICTATIME, .clear = MOUNT_ATTR__ATIME},
    {.name = "nodiratime", .set = MOUNT_ATTR_NODIRATIME},
    {.name = "diratime", .clear = MOUNT_ATTR_NODIRATIME},
    {.name = "bind"},
    {.name = "rbind", .recursive = true},
    {.name = "defaults"},
    {.name = "shared", .propagation = MS_SHARED},
    {.name = "rshared", .propagation = MS_SHARED, .recursive_propagation = true},
    {.name = "slave", .propagation = MS_SLAVE},
    {.name = "rslave", .propagation = MS_SLAVE, .recursive_propagation = true},
    {.name = "private", .propagation = MS_PRIVATE},
    {.name = "rprivate", .propagation = MS_PRIVATE, .recursive_propagation = true},
    {.name = "unbindable", .propagation = MS_UNBINDABLE},
    {.name = "runbindable", .propagation = MS_UNBINDABLE, .recursive_propagation = true},
};

static bool mount_options_word(const char *word, struct mount_options *options)
{
    for (size_t i = 0; i < sizeof mount_words / sizeof mount_words[0]; i++) {
        if (strcmp(mount_words[i].name, word) != 0)
            continue;
        /* The last word about a flag wins. */
        options->set = (options->set & ~mount_words[i].clear) | mount_words[i].set;
        options->clear = (options->clear & ~mount_words[i].set) | mount_words[i].clear;
        options->recursive |= mount_words[i].recursive;
        if (mount_words[i].propagation) {
            options->propagation = mount_words[i].propagation;
            options->propagation_recursive = mount_words[i].recursive_propagation;
        }
        return true;
    }
    return false;
}

void mount_options_parse(const char *list, struct mount_options *options)
{
    size_t commas = 0, count = 0;
    char *rest;

    memset(options, 0, sizeof *options);
    options->text = memory_copy_string(list ? list : "");
    for (const char *c = options->text; *c; c++)
        commas += *c == ',';
    options->data = memory_allocate(commas + 2, sizeof *options->data);
    rest = options->text;
    for (char *word = strsep(&rest, ","); word; word = strsep(&rest, ","))
        if (*word && !mount_options_word(word, options))
            options->data[count++] = word;
}

void mount_options_free(struct mount_options *options)
{
    free(options->data);
    free(options->text);
}
