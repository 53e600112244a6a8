#include "report.h"

#include "cleanup.h"
#include "memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum report_kind { REPORT_FAILURE, REPORT_WARNING, REPORT_FD };

/* One packet; the text of a warning is in failure.text. */
struct report_message {
    enum report_kind kind;
    struct failure failure;
};

int report_pair(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

/* Errors are of no use here: who should read them has gone. */
static void report_send(int fd, const struct report_message *message)
{
    while (send(fd, message, sizeof *message, MSG_NOSIGNAL) < 0 && errno == EINTR)
        ;
}

void report_failure(int fd, const struct failure *failure)
{
    struct report_message message = {.kind = REPORT_FAILURE, .failure = *failure};

    report_send(fd, &message);
}

void report_warning(int fd, const char *format, ...)
{
    struct report_message message = {.kind = REPORT_WARNING};
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message.failure.text, sizeof message.failure.text, format, arguments);
    va_end(arguments);
    report_send(fd, &message);
}

int report_fd(int fd, int handed)
{
    struct report_message message = {.kind = REPORT_FD};
    struct iovec part = {.iov_base = &message, .iov_len = sizeof message};
    union {
        char space[CMSG_SPACE(sizeof handed)];
        struct cmsghdr align;
    } control = {0};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.space,
                            .msg_controllen = sizeof control.space};
    struct cmsghdr *item = CMSG_FIRSTHDR(&header);

    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(sizeof handed);
    memcpy(CMSG_DATA(item), &handed, sizeof handed);
    return sendmsg(fd, &header, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static ssize_t report_receive(int fd, struct report_message *message, int *handed)
{
    struct iovec part = {.iov_base = message, .iov_len = sizeof *message};
    union {
        char space[CMSG_SPACE(sizeof *handed)];
        struct cmsghdr align;
    } control;
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.space,
                            .msg_controllen = sizeof control.space};
    struct cmsghdr *item;
    ssize_t n;

    do
        n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    item = n > 0 ? CMSG_FIRSTHDR(&header) : NULL;
    if (item && item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS)
        memcpy(handed, CMSG_DATA(item), sizeof *handed);
    return n;
}

static void report_take(struct report *report, const struct report_message *message)
{
    if (message->kind == REPORT_FAILURE) {
        report->failure = message->failure;
        report->failed = 1;
    } else if (message->kind == REPORT_WARNING &&
               report->warning_count < sizeof report->warnings / sizeof report->warnings[0]) {
        report->warnings[report->warning_count++] = memory_copy_string(message->failure.text);
    }
}

int report_receive_fd(int fd, struct failure *failure)
{
    struct report_message message;
    int handed = -1;

    if (report_receive(fd, &message, &handed) != sizeof message)
        return fail(failure, STAGE_SUPERVISOR, 0, "a process of the launch has ended too early");
    if (handed < 0)
        *failure = message.failure;
    return handed;
}

int report_collect(int fd, struct report *report)
{
    struct report_message message;
    ssize_t n;

    memset(report, 0, sizeof *report);
    report->terminal = -1;
    while ((n = report_receive(fd, &message, &report->terminal)) == sizeof message)
        report_take(report, &message);
    /* ECONNRESET: the other side ended with something of ours unread; that is an end all the same. */
    if (n < 0 && errno != ECONNRESET && !report->failed) {
        fail(&report->failure, STAGE_EXEC, errno, "cannot read the report of the container's process");
        report->failed = 1;
    }
    if (report->failed && report->terminal >= 0)
        close(cleanup_steal_fd(&report->terminal));
    return report->failed ? -1 : 0;
}
