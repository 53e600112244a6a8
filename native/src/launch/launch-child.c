#include "launch-child.h"

#include "init.h"
#include "report.h"
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Until the exec this is a process of the host's program inside the container's namespaces: nobody in there
 * may look into it (not dumpable) or outlive the supervisor with it. */
static int launch_child_begin(const struct launch_child *child, struct failure *failure)
{
    char byte;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_DUMPABLE, 0))
        return fail(failure, STAGE_NAMESPACE, errno, "cannot set up the container's process");
    prctl(PR_SET_NAME, LAUNCH_CHILD_NAME);
    process_reset_signals();
    setsid();
    umask(0);
    /* The end of file means that the supervisor has ended. */
    if (recv(child->context.report, &byte, 1, 0) != 1)
        _exit(255);
    return 0;
}

static int launch_child_make_root(struct launch_child *child, int *terminal, struct failure *failure)
{
    struct root root;
    int master = -1;

    if (child->spec->init)
        child->context.init_program = init_open_program();

    if (root_mount(child->spec, child->remote, &root, failure) || dev_populate(&root, failure))
        return -1;
    if (child->spec->process.tty) {
        if (dev_make_terminal(&root, &master, terminal, failure))
            return -1;
        if (report_fd(child->context.report, master))
            return fail(failure, STAGE_DEVICE, errno, "cannot hand over the terminal");
        close(master);
    }
    child->context.proc = root.proc;
    if (sysctl_write_all(&root, failure) || root_seal(&root, failure))
        return -1;
    return root_pivot(&root, failure);
}

static int launch_child_set_size(const struct process_spec *process, int terminal)
{
    struct winsize size = {.ws_row = (unsigned short)process->tty_rows,
                           .ws_col = (unsigned short)process->tty_cols};

    return size.ws_row && size.ws_col ? ioctl(terminal, TIOCSWINSZ, &size) : 0;
}

static int launch_child_set_streams(const struct launch_child *child, int terminal, struct failure *failure)
{
    const struct launch_io *io = child->io;
    int in = terminal >= 0 ? terminal : io->in, out = terminal >= 0 ? terminal : io->out,
        err = terminal >= 0 ? terminal : io->err;
    /* First out of the way of 0, 1, 2, which may be each other's sources. */
    int high[3] = {fcntl(in, F_DUPFD_CLOEXEC, 3), fcntl(out, F_DUPFD_CLOEXEC, 3),
                   fcntl(err, F_DUPFD_CLOEXEC, 3)};

    for (int i = 0; i < 3; i++)
        if (high[i] < 0 || dup2(high[i], i) < 0)
            return fail(failure, STAGE_EXEC, errno, "cannot set up stream %d", i);
    if (terminal >= 0 && (ioctl(0, TIOCSCTTY, 0) || launch_child_set_size(&child->spec->process, 0)))
        return fail(failure, STAGE_EXEC, errno, "cannot take the terminal");
    return 0;
}

static int launch_child_go(struct launch_child *child, struct failure *failure)
{
    struct process_user user;
    int terminal = -1;

    child->context.die_with_parent = true;
    child->context.init = child->spec->init;
    if (launch_child_begin(child, failure) || namespace_enter(child->spec, &child->joins, failure) ||
        launch_child_make_root(child, &terminal, failure) ||
        launch_child_set_streams(child, terminal, failure) ||
        process_find_user(&child->spec->process, &user, failure))
        return -1;
    return process_exec(&child->context, &user, failure);
}

void launch_child_run(struct launch_child *child)
{
    struct failure failure;

    launch_child_go(child, &failure);
    report_failure(child->context.report, &failure);
    _exit(255);
}
