#include "init.h"

#include "raw-call.h"

#include <linux/prctl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Runs with no C library set up (see entry.c): system calls and plain code only. */

/* As the kernel has it; the C library's differs. */
struct init_action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

/* Never called: every signal is blocked and waited for. */
static void init_ignore(int number)
{
    (void)number;
}

/* Signals that say something about init itself stay with it. */
static bool init_forwards(long number)
{
    return number != SIGCHLD && number != SIGTTOU && number != SIGTTIN && number != SIGFPE &&
           number != SIGILL && number != SIGSEGV && number != SIGBUS && number != SIGABRT &&
           number != SIGTRAP && number != SIGSYS;
}

/* Collects what has ended; ends itself when `child` is among it. */
static void init_reap(pid_t child)
{
    int status;
    long pid;

    while ((pid = raw_call(SYS_wait4, -1, (long)&status, WNOHANG, 0, 0)) > 0)
        if (pid == child)
            raw_call(SYS_exit_group, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), 0, 0,
                     0, 0);
}

void init_run(pid_t child)
{
    const uint64_t all = ~(uint64_t)0;
    struct init_action action;

    action.handler = init_ignore;
    action.flags = 0;
    action.restorer = 0;
    action.mask = 0;
    /* Before anything else: only the streams of the program keep a terminal or a pipe open. */
    raw_call(SYS_close_range, 0, ~0u, 0, 0, 0);
    raw_call(SYS_prctl, PR_SET_NAME, (long)"init", 0, 0, 0);
    /* In the host's pid namespace orphans would go elsewhere. */
    raw_call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, sizeof all, 0);
    /* Process 1 gets a signal only when it has a handler, blocked or not. */
    for (int number = 1; number <= 64; number++)
        if (init_forwards(number) || number == SIGCHLD)
            raw_call(SYS_rt_sigaction, number, (long)&action, 0, sizeof all, 0);
    /* A signal that came while the default ignored it is lost, a child that ended by then is not. */
    for (;;) {
        long number;

        init_reap(child);
        number = raw_call(SYS_rt_sigtimedwait, (long)&all, 0, 0, sizeof all, 0);
        if (number > 0 && init_forwards(number))
            raw_call(SYS_kill, child, number, 0, 0, 0);
    }
}
