#ifndef PTY_H
#define PTY_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

/* Opens a new terminal of the devpts that is mounted at /dev/pts of the calling process's root, so that its
 * name is true inside the container. 0, or -1 with errno. rows or cols 0: the kernel's default size. */
int pty_open(int64_t rows, int64_t cols, int *master, int *slave);
/* Leaves the session and makes `slave` the controlling terminal and fds 0, 1, 2; closes `slave`. */
int pty_adopt(int slave);
/* Opens the other side of `master`; -1 with errno. */
int pty_peer(int master);
int pty_resize(int master, unsigned rows, unsigned cols);

/* Puts the terminal `fd` into raw mode; it is given back its old mode by tty_restore, which is called at exit
 * and may be called from a signal handler. One terminal at a time. 0, or -1 with errno. */
int tty_make_raw(int fd);
void tty_restore(void);

#endif
