#include "cleanup.h"
#include "filesystem.h"
#include "resolve.h"
#include "root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

static const struct {
    const char *name;
    unsigned minor;
    unsigned major;
} dev_nodes[] = {{"null", 3, 1},   {"zero", 5, 1},    {"full", 7, 1},
                 {"random", 8, 1}, {"urandom", 9, 1}, {"tty", 0, 5}};

static const char *const dev_links[][2] = {
    {"/proc/self/fd", "fd"},       {"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"},
    {"/proc/self/fd/2", "stderr"}, {"pts/ptmx", "ptmx"},         {"/proc/kcore", "core"},
};

/* The umask is 0 in this process. A node that is there already is the image's or the user's and stays. */
static int dev_make_node(int folder, const char *name, mode_t mode, dev_t device, uid_t uid, gid_t gid)
{
    if (mknodat(folder, name, mode, device))
        return errno == EEXIST ? 0 : -1;
    return uid || gid ? fchownat(folder, name, uid, gid, AT_SYMLINK_NOFOLLOW) : 0;
}

static int dev_make_requested(struct root *root, const struct node_spec *node, struct failure *failure)
{
    char *folder = strndupa(node->path, (size_t)(strrchr(node->path, '/') - node->path));
    const char *name = strrchr(node->path, '/') + 1;
    mode_t type = strcmp(node->type, "b") == 0 ? S_IFBLK : strcmp(node->type, "p") == 0 ? S_IFIFO : S_IFCHR;
    CLEANUP_FD int parent = resolve_make(root->fd, *folder ? folder : "/", true);
    struct stat present;

    if (parent < 0)
        return fail(failure, STAGE_DEVICE, errno, "cannot make the folder of device %s", node->path);
    /* The user's choice wins over a default node or what is left of an earlier start, not over a file of a
     * volume. */
    if (fstatat(parent, name, &present, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISCHR(present.st_mode) &&
        !S_ISBLK(present.st_mode) && !S_ISFIFO(present.st_mode))
        return fail(failure, STAGE_DEVICE, EEXIST, "cannot make device %s", node->path);
    if (unlinkat(parent, name, 0) && errno != ENOENT)
        return fail(failure, STAGE_DEVICE, errno, "cannot replace device %s", node->path);
    if (dev_make_node(parent, name, type | (mode_t)node->mode,
                      makedev((unsigned)node->major, (unsigned)node->minor), (uid_t)node->uid,
                      (gid_t)node->gid))
        return fail(failure, STAGE_DEVICE, errno, "cannot make device %s", node->path);
    return 0;
}

/* Nodes of the host's /dev, for a privileged container; what is in other file systems below it stays out. */
static int dev_copy_folder(int from, int to, int depth)
{
    DIR *list = fdopendir(from);
    struct dirent *entry;
    struct stat status, top;
    int result = list && fstat(dirfd(list), &top) == 0 ? 0 : -1;

    while (result == 0 && (entry = readdir(list))) {
        const char *name = entry->d_name;

        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "console") == 0 ||
            fstatat(dirfd(list), name, &status, AT_SYMLINK_NOFOLLOW) || status.st_dev != top.st_dev)
            continue;
        if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
            result = dev_make_node(to, name, status.st_mode, status.st_rdev, status.st_uid, status.st_gid);
        } else if (S_ISDIR(status.st_mode) && depth < 8) {
            CLEANUP_FD int below = -1;
            int source = openat(dirfd(list), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

            if (mkdirat(to, name, 0755) == 0 || errno == EEXIST)
                below = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (source >= 0 && below >= 0)
                result = dev_copy_folder(source, below, depth + 1);
            else if (source >= 0)
                close(source);
        }
    }
    if (list)
        closedir(list);
    return result;
}

int dev_populate(struct root *root, struct failure *failure)
{
    const struct container_spec *spec = root->spec;

    root->dev = resolve_make(root->fd, "/dev", true);
    if (root->dev < 0)
        return fail(failure, STAGE_DEVICE, errno, "cannot make /dev in the container");
    for (size_t i = 0; i < sizeof dev_nodes / sizeof dev_nodes[0]; i++)
        if (dev_make_node(root->dev, dev_nodes[i].name, S_IFCHR | 0666,
                          makedev(dev_nodes[i].major, dev_nodes[i].minor), 0, 0))
            return fail(failure, STAGE_DEVICE, errno, "cannot make device /dev/%s", dev_nodes[i].name);
    for (size_t i = 0; i < sizeof dev_links / sizeof dev_links[0]; i++)
        if (symlinkat(dev_links[i][0], root->dev, dev_links[i][1]) && errno != EEXIST)
            return fail(failure, STAGE_DEVICE, errno, "cannot make link /dev/%s", dev_links[i][1]);
    if (spec->dev_host) {
        int host = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (host < 0 || dev_copy_folder(host, root->dev, 0))
            return fail(failure, STAGE_DEVICE, errno, "cannot make the host's devices");
    }
    for (size_t i = 0; i < spec->node_count; i++)
        if (dev_make_requested(root, &spec->nodes[i], failure))
            return -1;
    return 0;
}

static int dev_attach_console(struct root *root, int pts, const char *name)
{
    CLEANUP_FD int mount = filesystem_clone(pts, name, false);
    CLEANUP_FD int file = -1, place = -1;

    file = openat(root->dev, "console", O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                  0600);
    if (file < 0 && errno != ENXIO && errno != EIO && errno != ENODEV)
        return -1;
    place = openat(root->dev, "console", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return mount < 0 || place < 0 ? -1 : filesystem_attach(mount, place);
}

int dev_make_terminal(struct root *root, int *master, int *slave, struct failure *failure)
{
    CLEANUP_FD int pts = resolve_open(root->dev, "pts", O_PATH | O_DIRECTORY, 0);
    CLEANUP_FD int opened = -1;
    struct statfs status;
    int unlocked = 0;
    unsigned number;
    char name[16];

    if (pts < 0 || fstatfs(pts, &status) || status.f_type != DEVPTS_SUPER_MAGIC)
        return fail(failure, STAGE_DEVICE, ENOTTY, "a terminal needs a devpts mount at /dev/pts");
    opened = openat(pts, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (opened < 0 || ioctl(opened, TIOCSPTLCK, &unlocked) || ioctl(opened, TIOCGPTN, &number))
        return fail(failure, STAGE_DEVICE, errno, "cannot make a terminal");
    *slave = ioctl(opened, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    snprintf(name, sizeof name, "%u", number);
    if (*slave < 0 || dev_attach_console(root, pts, name))
        return fail(failure, STAGE_DEVICE, errno, "cannot make /dev/console");
    *master = cleanup_steal_fd(&opened);
    return 0;
}
