#include "lock.h"

#include "cleanup.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/time.h>

struct lock {
    char *path;
    int fd;
    struct lock *next;
};

struct lock_table {
    struct lock *first;
};

struct lock_table *lock_table_new(void)
{
    return memory_allocate(1, sizeof(struct lock_table));
}

static struct lock *lock_find(const struct lock_table *table, const char *path)
{
    for (struct lock *lock = table->first; lock; lock = lock->next)
        if (strcmp(lock->path, path) == 0)
            return lock;
    return NULL;
}

static void lock_forget(struct lock_table *table, struct lock *lock)
{
    struct lock **link = &table->first;

    while (*link != lock)
        link = &(*link)->next;
    *link = lock->next;
    close(lock->fd);
    free(lock->path);
    free(lock);
}

void lock_table_free(struct lock_table *table)
{
    while (table->first)
        lock_forget(table, table->first);
    free(table);
}

static int lock_parse(const struct request *request, const char **path, int *operation, int64_t *timeout,
                      struct failure *failure)
{
    static const char *const keys[] = {"path", "mode", "timeout", NULL};
    const char *mode, *limit;

    if (proto_check_keys(request, keys, failure) || proto_require(request, "path", path, failure) ||
        proto_require(request, "mode", &mode, failure) ||
        proto_require(request, "timeout", &limit, failure) ||
        proto_integer("timeout", limit, -1, 86400000, timeout, failure))
        return -1;
    if (strcmp(mode, "shared") == 0)
        *operation = LOCK_SH;
    else if (strcmp(mode, "exclusive") == 0)
        *operation = LOCK_EX;
    else
        return fail(failure, STAGE_REQUEST, EINVAL, "lock: mode \"%.60s\" is not shared or exclusive", mode);
    return 0;
}

enum lock_result lock_acquire(struct lock_table *table, const struct request *request,
                              struct failure *failure)
{
    CLEANUP_FD int fd = -1;
    const char *path;
    int64_t timeout;
    int operation, error;
    struct lock *lock;

    if (lock_parse(request, &path, &operation, &timeout, failure))
        return LOCK_FAILED;
    if (lock_find(table, path))
        return fail(failure, STAGE_LOCK, EDEADLK, "lock %s is held or awaited by this command already", path);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(failure, STAGE_LOCK, errno, "cannot open lock file %s", path);
    error = flock(fd, operation | LOCK_NB) ? errno : 0;
    if (error && (error != EWOULDBLOCK || timeout == 0))
        return fail(failure, STAGE_LOCK, error, "cannot lock %s", path);
    lock = memory_allocate(1, sizeof *lock);
    lock->path = memory_copy_string(path);
    lock->fd = cleanup_steal_fd(&fd);
    lock->next = table->first;
    table->first = lock;
    return error ? LOCK_WAIT : LOCK_HELD;
}

static void lock_alarm(int number)
{
    (void)number;
}

int lock_wait(struct lock_table *table, const struct request *request, struct failure *failure)
{
    /* No SA_RESTART: the alarm ends flock with EINTR. It repeats, for one that came before flock began. */
    struct sigaction action = {.sa_handler = lock_alarm};
    struct itimerval timer = {.it_interval = {.tv_usec = 10000}};
    const char *path;
    int64_t timeout;
    int operation;

    if (lock_parse(request, &path, &operation, &timeout, failure))
        return -1;
    if (timeout > 0) {
        timer.it_value.tv_sec = timeout / 1000;
        timer.it_value.tv_usec = timeout % 1000 * 1000;
        sigaction(SIGALRM, &action, NULL);
        setitimer(ITIMER_REAL, &timer, NULL);
    }
    /* The open file description is shared with `serve`, so what is locked here is locked there. */
    if (flock(lock_find(table, path)->fd, operation))
        return fail(failure, STAGE_LOCK, errno == EINTR ? EAGAIN : errno, "cannot lock %s", path);
    return 0;
}

void lock_settle(struct lock_table *table, const char *path, bool held)
{
    struct lock *lock = lock_find(table, path);

    if (lock && !held)
        lock_forget(table, lock);
}

int lock_release(struct lock_table *table, const struct request *request, struct failure *failure)
{
    static const char *const keys[] = {"path", NULL};
    const char *path;
    struct lock *lock;

    if (proto_check_keys(request, keys, failure) || proto_require(request, "path", &path, failure))
        return -1;
    lock = lock_find(table, path);
    if (!lock)
        return fail(failure, STAGE_LOCK, ENOENT, "lock %s is not held", path);
    /* Explicitly: a forked process may still have a copy of the fd. */
    flock(lock->fd, LOCK_UN);
    lock_forget(table, lock);
    return 0;
}

void lock_keep_only(const struct lock_table *table, int first)
{
    for (int last = first - 1;; first++) {
        int next = -1;

        for (const struct lock *lock = table->first; lock; lock = lock->next)
            if (lock->fd > last && (next < 0 || lock->fd < next))
                next = lock->fd;
        if (next < 0)
            break;
        last = next;
        /* In ascending order: what stands in the way is no lock, or one that has moved already. */
        if (next != first)
            dup3(next, first, O_CLOEXEC);
    }
    close_range((unsigned)first, ~0u, 0);
}

int lock_keep_one(const struct lock_table *table, const char *path, int target)
{
    const struct lock *lock = lock_find(table, path);
    int kept = lock && (lock->fd == target || dup3(lock->fd, target, O_CLOEXEC) == target) ? 0 : -1;

    close_range((unsigned)(target + (kept == 0)), ~0u, 0);
    return kept;
}
