#include "client.h"

#include "cgroup.h"
#include "json.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* What control.sock may be asked. An op returns 0 (the plain `ok` reply is sent), 1 (it replies itself, now
 * or later) or -1 with the failure. */
typedef int control_operation(struct client *client, const struct request *request, struct failure *failure);

static int number_of(const struct request *request, const char *key, int64_t low, int64_t high,
                     int64_t fallback, int64_t *value, struct failure *failure)
{
    const char *text = proto_get(request, key);

    *value = fallback;
    return text ? proto_integer(key, text, low, high, value, failure) : 0;
}

static int flag_of(const struct request *request, const char *key, bool fallback, bool *value,
                   struct failure *failure)
{
    int64_t number;

    if (number_of(request, key, 0, 1, fallback, &number, failure))
        return -1;
    *value = number == 1;
    return 0;
}

static int check(const struct request *request, struct failure *failure, const char *const *known)
{
    return proto_check_keys(request, known, failure);
}

static int stop_and_owe(struct client *client, const struct request *request, enum pending_kind kind,
                        struct failure *failure)
{
    static const char *const known[] = {"signal", "timeout", NULL};
    struct supervisor *supervisor = client->supervisor;
    int64_t number, timeout;

    if (check(request, failure, known) ||
        number_of(request, "signal", 1, SIGRTMAX, supervisor->spec.stop_signal, &number, failure) ||
        number_of(request, "timeout", -1, INT32_MAX, supervisor->spec.stop_timeout, &timeout, failure))
        return -1;
    client_owe(client, kind, request->id);
    supervisor->ask_restart = kind == PENDING_RESTART;
    if (kind == PENDING_END)
        supervisor->state.stopped_by_user = true;
    if (supervisor->phase == PHASE_RUNNING) {
        halt_begin(supervisor, (int)number, timeout);
    } else {
        loop_clear_timer(&supervisor->loop, &supervisor->delay);
        if (kind == PENDING_RESTART)
            run_again(supervisor);
        else
            run_end(supervisor);
    }
    return 1;
}

static int control_stop(struct client *client, const struct request *request, struct failure *failure)
{
    return stop_and_owe(client, request, PENDING_END, failure);
}

static int control_restart(struct client *client, const struct request *request, struct failure *failure)
{
    return stop_and_owe(client, request, PENDING_RESTART, failure);
}

int client_signal(struct supervisor *supervisor, int number, struct failure *failure)
{
    bool final = number == SIGKILL || number == supervisor->spec.stop_signal;

    if (number < 1 || number > SIGRTMAX)
        return fail(failure, STAGE_REQUEST, EINVAL, "%d is not a signal", number);
    if (supervisor->phase == PHASE_DELAY && final) {
        supervisor->state.stopped_by_user = true;
        run_end(supervisor);
        return 0;
    }
    if (supervisor->phase == PHASE_RUNNING && final)
        supervisor->state.stopped_by_user = true;
    if (number == SIGKILL && supervisor->phase == PHASE_RUNNING) {
        halt_kill(supervisor);
        return 0;
    }
    return halt_signal(supervisor, number, failure);
}

static int control_kill(struct client *client, const struct request *request, struct failure *failure)
{
    static const char *const known[] = {"signal", NULL};
    int64_t number;

    if (check(request, failure, known) ||
        number_of(request, "signal", 1, SIGRTMAX, SIGKILL, &number, failure))
        return -1;
    return client_signal(client->supervisor, (int)number, failure);
}

static bool pause_is_leased(const struct supervisor *supervisor)
{
    for (const struct client *client = supervisor->clients; client; client = client->next)
        if (client->leased)
            return true;
    return false;
}

void client_end_lease(struct client *client)
{
    struct failure ignored;

    if (!client->leased)
        return;
    client->leased = false;
    if (!pause_is_leased(client->supervisor) && client->supervisor->state.status == STATUS_PAUSED)
        halt_unpause(client->supervisor, &ignored);
}

static int control_pause(struct client *client, const struct request *request, struct failure *failure)
{
    static const char *const known[] = {"lease", NULL};
    struct supervisor *supervisor = client->supervisor;
    bool lease;

    if (check(request, failure, known) || flag_of(request, "lease", false, &lease, failure))
        return -1;
    /* Several may want it to stand still at once. */
    if (!(lease && supervisor->state.status == STATUS_PAUSED && pause_is_leased(supervisor)) &&
        halt_pause(supervisor, failure))
        return -1;
    client->leased = lease;
    return 0;
}

static int control_unpause(struct client *client, const struct request *request, struct failure *failure)
{
    struct supervisor *supervisor = client->supervisor;

    (void)request;
    if (halt_unpause(supervisor, failure))
        return -1;
    /* A pause that comes later is somebody else's. */
    for (client = supervisor->clients; client; client = client->next)
        client->leased = false;
    return 0;
}

static int control_wait(struct client *client, const struct request *request, struct failure *failure)
{
    static const char *const known[] = {"next", NULL};
    bool next;

    if (check(request, failure, known) || flag_of(request, "next", false, &next, failure))
        return -1;
    client_owe(client, next ? PENDING_NEXT_EXIT : PENDING_END, request->id);
    return 1;
}

static int control_resize(struct client *client, const struct request *request, struct failure *failure)
{
    static const char *const known[] = {"rows", "cols", NULL};
    int64_t rows, cols;

    if (check(request, failure, known) || number_of(request, "rows", 1, UINT16_MAX, 0, &rows, failure) ||
        number_of(request, "cols", 1, UINT16_MAX, 0, &cols, failure))
        return -1;
    output_resize(client->supervisor, (unsigned)rows, (unsigned)cols);
    event_write(&client->supervisor->events, "resize", NULL);
    return 0;
}

/* Items belong to the request that started the container, so a new name is a copy that lives as long as we
 * do. */
static void update_name(struct supervisor *supervisor, const char *name)
{
    struct string_list *attributes = &supervisor->spec.event_attr;

    for (size_t i = 0; i < attributes->count; i++)
        if (strncmp(attributes->items[i], "name=", 5) == 0)
            attributes->items[i] = memory_format("name=%s", name);
}

/* The values of `key`, texts and all in one piece, which free() of `items` frees. */
static struct string_list copy_values(const struct request *request, const char *key)
{
    struct string_list list = {0};
    size_t count = 0, size = 0;
    char *text;

    for (size_t i = 0; i < request->count; i++)
        if (strcmp(request->pairs[i].key, key) == 0) {
            count++;
            size += strlen(request->pairs[i].value) + 1;
        }
    if (count == 0)
        return list;
    list.items = memory_allocate(1, count * sizeof *list.items + size);
    text = (char *)(list.items + count);
    for (size_t i = 0; i < request->count; i++)
        if (strcmp(request->pairs[i].key, key) == 0) {
            list.items[list.count++] = text;
            text = stpcpy(text, request->pairs[i].value) + 1;
        }
    return list;
}

/* `cgroup.write` is done at once if it runs, `cgroup.launch` by every launch from now on: a restart must not
 * bring old limits back. Between two runs there are no cgroups. */
static int control_update(struct client *client, const struct request *request, struct failure *failure)
{
    static const char *const known[] = {
        "restart", "restart.on_unhealthy", "cgroup.write", "cgroup.launch", "name", NULL};
    struct supervisor *supervisor = client->supervisor;
    struct restart_rule rule = supervisor->rule;
    const char *restart = proto_get(request, "restart");
    bool on_unhealthy;
    struct string_list launch;

    if (check(request, failure, known) ||
        flag_of(request, "restart.on_unhealthy", supervisor->spec.restart_on_unhealthy, &on_unhealthy,
                failure))
        return -1;
    if (restart && !restart_parse(restart, &rule))
        return fail(failure, STAGE_REQUEST, EINVAL, "restart: \"%.60s\" is no restart policy", restart);
    for (size_t i = 0; supervisor->phase == PHASE_RUNNING && i < request->count; i++)
        if (strcmp(request->pairs[i].key, "cgroup.write") == 0 &&
            cgroup_write(request->pairs[i].value, failure))
            return -1;
    launch = copy_values(request, "cgroup.launch");
    if (launch.count > 0) {
        free(supervisor->spec.cgroup.write.items);
        supervisor->spec.cgroup.write = launch;
    }
    supervisor->rule = rule;
    supervisor->spec.restart_on_unhealthy = on_unhealthy;
    if (proto_get(request, "name"))
        update_name(supervisor, proto_get(request, "name"));
    return 0;
}

static int control_attach(struct client *client, const struct request *request, struct failure *failure)
{
    static const char *const known[] = {"stdin", "stdout", "stderr", "lossless", NULL};
    struct json json = {0};

    if (check(request, failure, known) || flag_of(request, "stdin", false, &client->use_stdin, failure) ||
        flag_of(request, "stdout", true, &client->use_stdout, failure) ||
        flag_of(request, "stderr", true, &client->use_stderr, failure) ||
        flag_of(request, "lossless", false, &client->lossless, failure))
        return -1;
    json_reply_begin(&json, request->id);
    json_boolean(&json, "tty", client->supervisor->spec.process.tty);
    json_object_end(&json);
    json_end_line(&json);
    client_write(client, json.data, json.size);
    json_free(&json);
    if (!client->dead)
        attached_begin(client);
    return 1;
}

static int control_network(struct client *client, const struct request *request, struct failure *failure)
{
    return net_control(client->supervisor->net, request, failure);
}

static const struct {
    const char *name;
    control_operation *run;
} operations[] = {
    {"stop", control_stop},
    {"kill", control_kill},
    {"pause", control_pause},
    {"unpause", control_unpause},
    {"wait", control_wait},
    {"restart", control_restart},
    {"resize", control_resize},
    {"update", control_update},
    {"attach", control_attach},
    {"net_connect", control_network},
    {"net_disconnect", control_network},
    {"net_names", control_network},
    {"net_publish", control_network},
};

static control_operation *control_find(const char *name)
{
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (strcmp(operations[i].name, name) == 0)
            return operations[i].run;
    return NULL;
}

void client_request(struct client *client, const struct request *request)
{
    control_operation *run = control_find(request->op);
    struct failure failure;
    struct json json = {0};
    int result;

    if (run)
        result = run(client, request, &failure);
    else
        result = fail(&failure, STAGE_REQUEST, ENOSYS, "unknown operation %.60s", request->op);
    if (result > 0)
        return;
    if (result < 0) {
        json_failure_line(&json, request->id, &failure);
    } else {
        json_reply_begin(&json, request->id);
        json_object_end(&json);
        json_end_line(&json);
    }
    client_write(client, json.data, json.size);
    json_free(&json);
}
