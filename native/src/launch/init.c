#include "init.h"

#include "cleanup.h"
#include "process-title.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

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
    sigset_t all;

    /* Blocked signals wait for init; to a process 1 without a handler they would be lost. */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
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
