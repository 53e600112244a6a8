#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int pty_resize(int master, unsigned rows, unsigned cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

    return ioctl(master, TIOCSWINSZ, &size);
}

int pty_peer(int master)
{
    return ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

int pty_open(int64_t rows, int64_t cols, int *master, int *slave)
{
    int unlock = 0;
    int error;

    *slave = -1;
    *master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master < 0)
        return -1;
    if (ioctl(*master, TIOCSPTLCK, &unlock) == 0) {
        /* Not by name: the container could have put something else at /dev/pts/N. */
        *slave = pty_peer(*master);
        if (*slave >= 0 &&
            (rows <= 0 || cols <= 0 || pty_resize(*master, (unsigned)rows, (unsigned)cols) == 0))
            return 0;
    }
    error = errno;
    close(*master);
    if (*slave >= 0)
        close(*slave);
    errno = error;
    return -1;
}

int pty_adopt(int slave)
{
    setsid();
    if (ioctl(slave, TIOCSCTTY, 0) || dup2(slave, 0) < 0 || dup2(slave, 1) < 0 || dup2(slave, 2) < 0)
        return -1;
    if (slave > 2)
        close(slave);
    return 0;
}

/* Process-wide because a terminal left raw is a terminal lost: exit and fatal signals must find it. */
static struct termios tty_saved;
static volatile int tty_fd = -1;

void tty_restore(void)
{
    int fd = tty_fd;

    tty_fd = -1;
    if (fd >= 0)
        tcsetattr(fd, TCSANOW, &tty_saved);
}

int tty_make_raw(int fd)
{
    static bool registered;
    struct termios raw;

    if (tcgetattr(fd, &tty_saved))
        return -1;
    raw = tty_saved;
    cfmakeraw(&raw);
    if (!registered && atexit(tty_restore))
        return -1;
    registered = true;
    tty_fd = fd;
    if (tcsetattr(fd, TCSANOW, &raw)) {
        tty_fd = -1;
        return -1;
    }
    return 0;
}
