#include "operations.h"

#include "cleanup.h"
#include "exec-events.h"
#include "exec-relay.h"
#include "exec.h"
#include "json.h"
#include "memory.h"
#include "process-title.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void exec_reply(const struct request *request, int reply, pid_t pid)
{
    struct json json = {0};

    json_reply_begin(&json, request->id);
    json_integer(&json, "pid", pid);
    json_object_end(&json);
    json_write_line(&json, reply);
    json_free(&json);
}

/* Stays as the process's parent, with nothing of the user's open. */
static int exec_stay(const struct exec_events *events, pid_t pid, int terminal)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), status = 0;
    char buffer[4096];
    sigset_t all;

    serve_detach();
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int fd = 0; fd <= 2; fd++)
        dup2(null, fd);
    if (terminal >= 0)
        terminal = dup2(terminal, 3);
    close_range(terminal >= 0 ? 4 : 3, ~0u, 0);
    process_title_set("mydocker-core: exec");
    if (terminal >= 0) {
        fcntl(terminal, F_SETFL, 0);
        while (read(terminal, buffer, sizeof buffer) > 0)
            ;
    }
    if (waitpid(pid, &status, 0) == pid)
        exec_events_end(events, exec_status_code(status));
    return 0;
}

static void exec_write_exit(const struct exec_relay *relay, const char *id, int reply, int code)
{
    struct json json = {0};

    json_object_begin(&json, NULL);
    json_string(&json, "id", id);
    json_string(&json, "event", "exit");
    json_integer(&json, "code", code);
    if (relay->capture) {
        json_base64(&json, "stdout", relay->captured[0].data, relay->captured[0].size);
        json_base64(&json, "stderr", relay->captured[1].data, relay->captured[1].size);
    }
    json_object_end(&json);
    json_write_line(&json, reply);
    json_free(&json);
}

static int exec_follow(const struct exec_events *events, struct exec_relay *relay, const char *id, int reply,
                       int *code)
{
    switch (exec_relay_run(relay, code)) {
    case EXEC_EXITED:
        exec_events_end(events, *code);
        if (reply >= 0)
            exec_write_exit(relay, id, reply, *code);
        return 0;
    case EXEC_DETACHED:
        foreground_event(reply, id, "detached", -1);
        return exec_stay(events, relay->pid, relay->terminal);
    default:
        /* The orchestrator is gone: what its streams' end does not stop goes on. */
        return exec_stay(events, relay->pid, -1);
    }
}

/* `reply` < 0: there is nobody but the user; `code` is what the process ended with, when it was followed. */
static int exec_run(const struct request *request, struct exec_spec *spec, int reply, int *code,
                    struct failure *failure)
{
    const struct exec_target target = {(pid_t)spec->pid, (uint64_t)spec->pid_start, &spec->cgroup_procs};
    const struct event_source source = {spec->event_log, spec->id ? spec->id : "", &spec->event_attr};
    bool followed = spec->foreground || strcmp(spec->output, "capture") == 0;
    struct exec_events events;
    struct exec_relay relay;
    struct exec_streams streams;
    struct exec_child child;
    int status;

    if (spec->foreground)
        foreground_give_size(&spec->process);
    if (exec_relay_open(&relay, spec, &streams) || (followed && foreground_open(&relay.foreground)))
        return fail(failure, STAGE_EXEC, errno, "cannot make the process's streams");
    /* The parent is the user's shell, whose end a terminal tells by SIGHUP. */
    if (reply < 0)
        prctl(PR_SET_PDEATHSIG, 0);
    status = exec_spawn(&target, &spec->process, &streams, false, &child, failure);
    exec_relay_close_ends(&streams);
    if (status)
        return -1;
    relay.pid = child.pid;
    relay.terminal = child.terminal;
    exec_events_begin(&events, &source, &spec->process.arg);
    if (followed && spec->process.tty && spec->use_stdin)
        foreground_make_raw(&relay.foreground);
    /* Before the reply: who gets it may end at once, and takes with it what still belongs to it. */
    if (!followed)
        serve_detach();
    if (reply >= 0)
        exec_reply(request, reply, child.pid);
    if (!followed)
        return exec_stay(&events, child.pid, child.terminal);
    return exec_follow(&events, &relay, request->id, reply, code);
}

int operation_exec(const struct request *request, int reply)
{
    struct exec_spec spec;
    struct failure failure;
    int code = 0;

    if (spec_parse_exec(request, &spec, &failure) == 0 &&
        exec_run(request, &spec, reply, &code, &failure) == 0)
        return 0;
    json_write_failure(reply, request->id, &failure);
    return 1;
}

/* The request's keys in order: variables FIELD0, FIELD1, ... with `key=value`. Arguments would be there for
 * everybody to read. */
static void exec_read_fields(struct request *request)
{
    for (;;) {
        CLEANUP_FREE char *name = memory_format("FIELD%zu", request->count);
        const char *field = getenv(name), *equals = field ? strchr(field, '=') : NULL;
        CLEANUP_FREE char *text = NULL;
        struct proto_pair pair;

        if (!equals)
            return;
        text = memory_copy_string(field);
        text[equals - field] = '\0';
        pair = (struct proto_pair){text, text + (equals - field) + 1};
        request->pairs = memory_resize(request->pairs, request->count + 1, sizeof *request->pairs);
        request->pairs[request->count++] = pair;
        text = NULL; /* the pair's, to the end of the process */
    }
}

int exec_main(void)
{
    struct request request = {.id = "", .op = "exec"};
    const char *prefix = getenv("ERROR_PREFIX"), *name;
    struct exec_spec spec;
    struct failure failure;
    int code = 0;

    close_range(3, ~0u, 0);
    exec_read_fields(&request);
    if (spec_parse_exec(&request, &spec, &failure) == 0 &&
        exec_run(&request, &spec, -1, &code, &failure) == 0)
        return code;
    name = error_errno_name(failure.error);
    fprintf(stderr, "%s%s", prefix ? prefix : "error: ", failure.text);
    /* What exec says has the reason in words, and so has what is said of a container that has ended. */
    if (failure.stage != STAGE_EXEC && failure.error != ESRCH && *name && !strstr(failure.text, name))
        fprintf(stderr, ": %s", name);
    fputc('\n', stderr);
    return failure.stage == STAGE_EXEC || failure.stage == STAGE_CWD ? exec_failure_code(&failure) : 1;
}
