#ifndef REPORT_H
#define REPORT_H

#include "error.h"

#include <stddef.h>
#include <sys/types.h>

/* What a process on its way to exec tells the process that waits for it, over a SOCK_SEQPACKET pair with
 * O_CLOEXEC: the end of file without a failure means that exec succeeded. */

struct report {
    struct failure failure;
    int failed;
    int terminal; /* pty master that came along, or -1 */
    char *warnings[8];
    size_t warning_count;
};

int report_pair(int ends[2]);
void report_failure(int fd, const struct failure *failure);
void report_warning(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Hands a file descriptor over. -1 with errno. */
int report_fd(int fd, int handed);
/* The next message: the fd (O_CLOEXEC) that was handed over, or -1 with the failure that came instead. */
int report_receive_fd(int fd, struct failure *failure);
/* Reads until the other side has exec'd, failed or died. 0: exec succeeded. -1: report->failure says why not.
 */
int report_collect(int fd, struct report *report);

#endif
