#ifndef ERROR_H
#define ERROR_H

/* The step that failed; the names (error_stage_name) are part of the protocol. */
enum stage {
    STAGE_REQUEST,
    STAGE_CGROUP,
    STAGE_NAMESPACE,
    STAGE_NETWORK,
    STAGE_ROOTFS,
    STAGE_MOUNT,
    STAGE_DEVICE,
    STAGE_MASK,
    STAGE_SYSCTL,
    STAGE_RLIMIT,
    STAGE_USER,
    STAGE_CWD,
    STAGE_CAPABILITY,
    STAGE_SECCOMP,
    STAGE_EXEC,
    STAGE_SUPERVISOR,
    STAGE_LOCK,
    STAGE_TREE,
    STAGE_ARCHIVE,
    STAGE_COUNT
};

/* A plain struct, so that it crosses a pipe between two processes of this program as it is. */
struct failure {
    enum stage stage;
    int error; /* errno, 0 when there is none */
    char text[492];
};

/* Fills `failure` (the text without the errno's own words) and returns -1. */
int fail(struct failure *failure, enum stage stage, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

const char *error_stage_name(enum stage stage);

/* `ENOENT` for 2, "" for 0. */
const char *error_errno_name(int error);

#endif
