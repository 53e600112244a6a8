#include "init.h"

#include "process-title.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void init_ignore(int number)
{
    (void)number;
}

/* Signals that say something about init itself stay with it. */
static bool init_forwards(int number)
{
    return number != SIGCHLD && number != SIGTTOU && number != SIGTTIN && number != SIGFPE &&
           number != SIGILL && number != SIGSEGV && number != SIGBUS && number != SIGABRT &&
           number != SIGTRAP && number != SIGSYS;
}

/* Collects what has ended; ends itself when `child` is among it. */
static void init_reap(pid_t child)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == child)
            _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

void init_run(pid_t child)
{
    struct sigaction action = {.sa_handler = init_ignore};
    sigset_t all;
    siginfo_t info;

    /* Before anything else: only the streams of the program keep a terminal or a pipe open. */
    close_range(0, ~0u, 0);
    prctl(PR_SET_NAME, "init");
    process_title_set("init");
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    /* Process 1 gets a signal only when it has a handler, blocked or not. */
    for (int number = 1; number < NSIG; number++)
        if (init_forwards(number) || number == SIGCHLD)
            sigaction(number, &action, NULL);
    /* A signal that came while the default ignored it is lost, a child that ended by then is not. */
    for (;;) {
        init_reap(child);
        if (sigwaitinfo(&all, &info) > 0 && init_forwards(info.si_signo))
            kill(child, info.si_signo);
    }
}
