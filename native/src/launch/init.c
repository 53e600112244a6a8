#include "init.h"

#include "cleanup.h"
#include "process-title.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
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

static void init_block_signals(void)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
}

int init_open_program(void)
{
    CLEANUP_FD int program = open("/proc/self/exe", O_PATH | O_CLOEXEC);
    struct statvfs status;

    if (program < 0 || fstatvfs(program, &status) || !(status.f_flag & ST_RDONLY))
        return -1;
    return cleanup_steal_fd(&program);
}

void init_become(pid_t child, int program)
{
    char number[16];

    /* Blocked signals wait for init; to a process 1 without a handler they would be lost. */
    init_block_signals();
    snprintf(number, sizeof number, "%d", child);
    if (program >= 0)
        execveat(program, "", (char *[]){"init", "init", number, NULL}, (char *[]){NULL}, AT_EMPTY_PATH);
    process_title_set("init");
    init_run(child);
}

int init_main(int argc, char **argv)
{
    int child = argc == 3 ? atoi(argv[2]) : 0;

    if (child <= 0)
        return 2;
    init_run(child);
}

void init_run(pid_t child)
{
    struct sigaction action = {.sa_handler = init_ignore};
    sigset_t all;
    siginfo_t info;

    /* Before anything else: only the streams of the program keep a terminal or a pipe open. */
    close_range(0, ~0u, 0);
    prctl(PR_SET_NAME, "init");
    /* In the host's pid namespace orphans would go elsewhere. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    init_block_signals();
    sigfillset(&all);
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
