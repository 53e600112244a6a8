#include "foreground.h"

#include "json.h"
#include "loop.h"
#include "pty.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A terminal's ^C reaches this process and the orchestrator, which passes it on: one of the two is enough. */
#define FOREGROUND_TWICE 200 /* ms */

static const int forwarded[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGIO};

int foreground_open(struct foreground *foreground)
{
    sigset_t set;

    *foreground = (struct foreground){.signals = -1};
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof forwarded / sizeof forwarded[0]; i++) {
        signal(forwarded[i], SIG_DFL); /* an ignored signal never arrives */
        sigaddset(&set, forwarded[i]);
    }
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGRTMAX);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGRTMAX);
    foreground->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return foreground->signals < 0 ? -1 : 0;
}

void foreground_make_raw(struct foreground *foreground)
{
    if (isatty(0))
        foreground->raw = tty_make_raw(0) == 0;
}

void foreground_close(struct foreground *foreground)
{
    tty_restore();
    foreground->raw = false;
    if (foreground->signals >= 0)
        close(foreground->signals);
    foreground->signals = -1;
}

enum foreground_event foreground_read(struct foreground *foreground, int *number)
{
    struct signalfd_siginfo info;

    if (read(foreground->signals, &info, sizeof info) != sizeof info)
        return FOREGROUND_NOTHING;
    if (info.ssi_signo == SIGCHLD)
        return FOREGROUND_CHILD;
    if (info.ssi_signo == SIGWINCH)
        return FOREGROUND_RESIZE;
    if (info.ssi_signo == (unsigned)SIGRTMAX)
        return FOREGROUND_ORPHAN;
    if (info.ssi_signo == SIGINT || info.ssi_signo == SIGQUIT) {
        bool typed = info.ssi_code == SI_KERNEL;

        if (!typed && loop_now() - foreground->interrupted < FOREGROUND_TWICE)
            return FOREGROUND_NOTHING;
        if (typed)
            foreground->interrupted = loop_now();
    }
    *number = (int)info.ssi_signo;
    return FOREGROUND_SIGNAL;
}

bool foreground_size(unsigned *rows, unsigned *cols)
{
    struct winsize size;

    for (int fd = 0; fd <= 2; fd++) {
        if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col) {
            *rows = size.ws_row;
            *cols = size.ws_col;
            return true;
        }
    }
    return false;
}

void foreground_give_size(struct process_spec *process)
{
    unsigned rows, cols;

    if (!process->tty || process->tty_rows > 0 || !foreground_size(&rows, &cols))
        return;
    process->tty_rows = rows;
    process->tty_cols = cols;
}

bool foreground_write(int fd, const void *data, size_t size)
{
    const char *bytes = data;

    while (size > 0) {
        ssize_t n = write(fd, bytes, size);

        if (n >= 0) {
            bytes += n;
            size -= (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

void foreground_event(int reply, const char *id, const char *event, int code)
{
    struct json json = {0};

    json_object_begin(&json, NULL);
    json_string(&json, "id", id);
    json_string(&json, "event", event);
    if (code >= 0)
        json_integer(&json, "code", code);
    json_object_end(&json);
    json_write_line(&json, reply);
    json_free(&json);
}
