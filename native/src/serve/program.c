#include "process.h"

#include "cleanup.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *program_path(char *const *env)
{
    for (; *env; env++)
        if (strncmp(*env, "PATH=", 5) == 0)
            return *env + 5;
    return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

static bool program_is_executable(const char *path, int *error)
{
    struct stat status;

    if (stat(path, &status))
        *error = errno == ENOENT || errno == ENOTDIR ? *error : errno;
    else if (S_ISDIR(status.st_mode))
        *error = *error == ENOENT ? EISDIR : *error;
    else if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS))
        *error = errno;
    else
        return true;
    return false;
}

/* The first executable file called `name` in the list of folders; NULL with `error` saying why none is. */
static char *program_search(const char *name, const char *folders, int *error)
{
    *error = ENOENT;
    while (folders) {
        const char *end = strchrnul(folders, ':');
        int length = (int)(end - folders);
        char *path = memory_format("%.*s%s%s", length, folders, length ? "/" : "./", name);

        if (program_is_executable(path, error))
            return path;
        free(path);
        folders = *end ? end + 1 : NULL;
    }
    return NULL;
}

int program_exec(const struct process_spec *spec, char *const *env, struct failure *failure)
{
    const char *name = spec->arg.items[0];
    CLEANUP_FREE char **arguments = memory_allocate(spec->arg.count + 1, sizeof *arguments);
    CLEANUP_FREE char *path = NULL;
    int error;

    for (size_t i = 0; i < spec->arg.count; i++)
        arguments[i] = (char *)spec->arg.items[i];
    if (strchr(name, '/')) {
        path = memory_copy_string(name);
    } else {
        path = *name ? program_search(name, program_path(env), &error) : NULL;
        if (!*name)
            error = ENOENT;
        /* A folder of that name is no program: as if it were not there. */
        if (!path && (error == ENOENT || error == EISDIR))
            return fail(failure, STAGE_EXEC, ENOENT, "exec: \"%.200s\": executable file not found in $PATH",
                        name);
        if (!path)
            return fail(failure, STAGE_EXEC, error, "exec: \"%.200s\": permission denied", name);
    }
    execve(path, arguments, env);
    error = errno == EISDIR ? EACCES : errno;
    return fail(failure, STAGE_EXEC, error, "exec: \"%.200s\": %s", path,
                error == ENOENT    ? "no such file or directory"
                : error == EACCES  ? "permission denied"
                : error == ENOEXEC ? "exec format error"
                                   : strerror(error));
}
