#include "spec.h"

#include "memory.h"
#include "spec-fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define IN(type, key, kind, member)              \
    {                                            \
        key, kind, offsetof(struct type, member) \
    }
#define IN_CONTAINER(key, kind, member) IN(container_spec, key, kind, member)
#define IN_PROCESS(key, kind, member) IN(process_spec, key, kind, member)
#define IN_EXEC(key, kind, member) IN(exec_spec, key, kind, member)
#define IN_MOUNT(key, kind, member) IN(mount_spec, key, kind, member)
#define IN_CONTENT(key, kind, member) IN(content_spec, key, kind, member)
#define IN_NODE(key, kind, member) IN(node_spec, key, kind, member)

static const struct field container_fields[] = {
    IN_CONTAINER("id", FIELD_TEXT, id),
    IN_CONTAINER("name", FIELD_TEXT, name),
    IN_CONTAINER("run_dir", FIELD_TEXT, run_dir),
    IN_CONTAINER("data_dir", FIELD_TEXT, data_dir),
    IN_CONTAINER("event_log", FIELD_TEXT, event_log),
    IN_CONTAINER("event.attr", FIELD_LIST, event_attr),
    IN_CONTAINER("cgroup", FIELD_LIST, cgroup.folder),
    IN_CONTAINER("cgroup.write", FIELD_LIST, cgroup.write),
    IN_CONTAINER("cgroup.procs", FIELD_LIST, cgroup.procs),
    IN_CONTAINER("cgroup.freeze", FIELD_TEXT, cgroup.freeze),
    IN_CONTAINER("cgroup.kill", FIELD_TEXT, cgroup.kill),
    IN_CONTAINER("cgroup.oom", FIELD_TEXT, cgroup.oom),
    IN_CONTAINER("device", FIELD_LIST, cgroup.device),
    IN_CONTAINER("device.cgroup1", FIELD_TEXT, cgroup.device_cgroup1),
    IN_CONTAINER("device.cgroup2", FIELD_TEXT, cgroup.device_cgroup2),
    IN_CONTAINER("ns.pid", FIELD_NAMESPACE, ns_pid),
    IN_CONTAINER("ns.uts", FIELD_NAMESPACE, ns_uts),
    IN_CONTAINER("ns.ipc", FIELD_NAMESPACE, ns_ipc),
    IN_CONTAINER("ns.net", FIELD_NAMESPACE, ns_net),
    IN_CONTAINER("ns.cgroup", FIELD_NAMESPACE, ns_cgroup),
    IN_CONTAINER("hostname", FIELD_TEXT, hostname),
    IN_CONTAINER("domainname", FIELD_TEXT, domainname),
    IN_CONTAINER("lower", FIELD_LIST, lower),
    IN_CONTAINER("upper", FIELD_TEXT, upper),
    IN_CONTAINER("work", FIELD_TEXT, work),
    IN_CONTAINER("rootfs_readonly", FIELD_BOOLEAN, rootfs_readonly),
    IN_CONTAINER("dev_host", FIELD_BOOLEAN, dev_host),
    IN_CONTAINER("mask", FIELD_LIST, mask),
    IN_CONTAINER("readonly_path", FIELD_LIST, readonly_path),
    IN_CONTAINER("sysctl", FIELD_LIST, sysctl),
    IN_CONTAINER("init", FIELD_BOOLEAN, init),
    IN_CONTAINER("stdin", FIELD_TEXT, stdin_mode),
    IN_CONTAINER("log", FIELD_TEXT, log),
    IN_CONTAINER("log.path", FIELD_TEXT, log_path),
    IN_CONTAINER("log.max_size", FIELD_INTEGER, log_max_size),
    IN_CONTAINER("log.max_file", FIELD_INTEGER, log_max_file),
    IN_CONTAINER("restart", FIELD_TEXT, restart),
    IN_CONTAINER("restart.on_unhealthy", FIELD_BOOLEAN, restart_on_unhealthy),
    IN_CONTAINER("stop.signal", FIELD_INTEGER, stop_signal),
    IN_CONTAINER("stop.timeout", FIELD_INTEGER, stop_timeout),
    IN_CONTAINER("health.arg", FIELD_LIST, health.arg),
    IN_CONTAINER("health.interval", FIELD_INTEGER, health.interval),
    IN_CONTAINER("health.timeout", FIELD_INTEGER, health.timeout),
    IN_CONTAINER("health.start_period", FIELD_INTEGER, health.start_period),
    IN_CONTAINER("health.start_interval", FIELD_INTEGER, health.start_interval),
    IN_CONTAINER("health.retries", FIELD_INTEGER, health.retries),
    IN_CONTAINER("auto_remove_hint", FIELD_BOOLEAN, auto_remove_hint),
    IN_CONTAINER("await_attach", FIELD_BOOLEAN, await_attach),
    IN_CONTAINER("attach", FIELD_BOOLEAN, attach.wanted),
    IN_CONTAINER("attach.stdin", FIELD_BOOLEAN, attach.use_stdin),
    IN_CONTAINER("attach.stdout", FIELD_BOOLEAN, attach.use_stdout),
    IN_CONTAINER("attach.stderr", FIELD_BOOLEAN, attach.use_stderr),
    IN_CONTAINER("attach.sig_proxy", FIELD_BOOLEAN, attach.sig_proxy),
    IN_CONTAINER("attach.detach_keys", FIELD_TEXT, attach.detach_keys),
};

static const struct field process_fields[] = {
    IN_PROCESS("arg", FIELD_LIST, arg),
    IN_PROCESS("env", FIELD_LIST, env),
    IN_PROCESS("rlimit", FIELD_LIST, rlimit),
    IN_PROCESS("group", FIELD_LIST, group),
    IN_PROCESS("user", FIELD_TEXT, user),
    IN_PROCESS("cwd", FIELD_TEXT, cwd),
    IN_PROCESS("cap.bounding", FIELD_HEX, cap_bounding),
    IN_PROCESS("cap.effective", FIELD_HEX, cap_effective),
    IN_PROCESS("cap.permitted", FIELD_HEX, cap_permitted),
    IN_PROCESS("cap.inheritable", FIELD_HEX, cap_inheritable),
    IN_PROCESS("cap.ambient", FIELD_HEX, cap_ambient),
    IN_PROCESS("no_new_privs", FIELD_BOOLEAN, no_new_privs),
    IN_PROCESS("seccomp", FIELD_TEXT, seccomp),
    IN_PROCESS("apparmor", FIELD_TEXT, apparmor),
    IN_PROCESS("umask", FIELD_OCTAL, umask),
    IN_PROCESS("oom_score_adj", FIELD_TEXT, oom_score_adj),
    IN_PROCESS("tty", FIELD_BOOLEAN, tty),
    IN_PROCESS("tty.rows", FIELD_INTEGER, tty_rows),
    IN_PROCESS("tty.cols", FIELD_INTEGER, tty_cols),
};

static const struct field exec_fields[] = {
    IN_EXEC("run_dir", FIELD_TEXT, run_dir),
    IN_EXEC("id", FIELD_TEXT, id),
    IN_EXEC("event_log", FIELD_TEXT, event_log),
    IN_EXEC("event.attr", FIELD_LIST, event_attr),
    IN_EXEC("pid", FIELD_INTEGER, pid),
    IN_EXEC("pid_start", FIELD_INTEGER, pid_start),
    IN_EXEC("cgroup.procs", FIELD_LIST, cgroup_procs),
    IN_EXEC("privileged", FIELD_BOOLEAN, privileged),
    IN_EXEC("stdin", FIELD_BOOLEAN, use_stdin),
    IN_EXEC("foreground", FIELD_BOOLEAN, foreground),
    IN_EXEC("output", FIELD_TEXT, output),
    IN_EXEC("detach_keys", FIELD_TEXT, detach_keys),
};

static const struct field mount_fields[] = {
    IN_MOUNT("mount", FIELD_TEXT, type),
    IN_MOUNT("mount.source", FIELD_TEXT, source),
    IN_MOUNT("mount.subpath", FIELD_TEXT, subpath),
    IN_MOUNT("mount.namespace", FIELD_NAMESPACE, namespace),
    IN_MOUNT("mount.target", FIELD_TEXT, target),
    IN_MOUNT("mount.options", FIELD_TEXT, options),
    IN_MOUNT("mount.create", FIELD_TEXT, create),
    IN_MOUNT("mount.host_network", FIELD_BOOLEAN, host_network),
    IN_MOUNT("mount.lower", FIELD_LIST, lower),
};

static const struct field content_fields[] = {
    IN_CONTENT("content", FIELD_TEXT, target),     IN_CONTENT("content.data", FIELD_TEXT, data),
    IN_CONTENT("content.mode", FIELD_OCTAL, mode), IN_CONTENT("content.uid", FIELD_INTEGER, uid),
    IN_CONTENT("content.gid", FIELD_INTEGER, gid), IN_CONTENT("content.readonly", FIELD_BOOLEAN, readonly),
};

static const struct field node_fields[] = {
    IN_NODE("node", FIELD_TEXT, path),           IN_NODE("node.path", FIELD_TEXT, path),
    IN_NODE("node.type", FIELD_TEXT, type),      IN_NODE("node.major", FIELD_INTEGER, major),
    IN_NODE("node.minor", FIELD_INTEGER, minor), IN_NODE("node.mode", FIELD_OCTAL, mode),
    IN_NODE("node.uid", FIELD_INTEGER, uid),     IN_NODE("node.gid", FIELD_INTEGER, gid),
};

/* A record: its first field opens a new element of an array. */
struct record {
    const struct field *fields;
    size_t length;
    size_t size;
    size_t array;
    size_t count;
};

static const struct record records[] = {
    {mount_fields, FIELDS_LENGTH(mount_fields), sizeof(struct mount_spec),
     offsetof(struct container_spec, mounts), offsetof(struct container_spec, mount_count)},
    {content_fields, FIELDS_LENGTH(content_fields), sizeof(struct content_spec),
     offsetof(struct container_spec, contents), offsetof(struct container_spec, content_count)},
    {node_fields, FIELDS_LENGTH(node_fields), sizeof(struct node_spec),
     offsetof(struct container_spec, nodes), offsetof(struct container_spec, node_count)},
};

static void *spec_open_record(const struct record *record, struct container_spec *spec)
{
    char **array = (char **)((char *)spec + record->array);
    size_t *count = (size_t *)((char *)spec + record->count);
    char *element;

    *array = memory_resize(*array, *count + 1, record->size);
    element = *array + *count * record->size;
    memset(element, 0, record->size);
    (*count)++;
    if (record->fields == content_fields)
        ((struct content_spec *)(void *)element)->mode = 0444;
    if (record->fields == node_fields)
        ((struct node_spec *)(void *)element)->mode = 0666;
    return element;
}

/* 1: stored; 0: no record has this key. */
static int spec_store_in_record(struct container_spec *spec, const struct proto_pair *pair,
                                struct failure *failure)
{
    for (size_t i = 0; i < FIELDS_LENGTH(records); i++) {
        const struct record *record = &records[i];
        const struct field *field = field_find(record->fields, record->length, pair->key);
        size_t count = *(size_t *)((char *)spec + record->count);
        char *element;

        if (!field)
            continue;
        if (field == record->fields)
            element = spec_open_record(record, spec);
        else if (count == 0)
            return fail(failure, STAGE_REQUEST, EINVAL, "key %s comes before its record", pair->key);
        else
            element = *(char **)((char *)spec + record->array) + (count - 1) * record->size;
        return field_store(field, element, pair->value, failure) ? -1 : 1;
    }
    return 0;
}

static void spec_store_network(struct container_spec *spec, const struct proto_pair *pair)
{
    spec->network = memory_resize(spec->network, spec->network_count + 1, sizeof *spec->network);
    spec->network[spec->network_count++] = *pair;
}

static int spec_store_pair(struct container_spec *spec, const struct proto_pair *pair,
                           struct failure *failure)
{
    const struct field *field = field_find(container_fields, FIELDS_LENGTH(container_fields), pair->key);
    int stored;

    if (field)
        return field_store(field, spec, pair->value, failure);
    field = field_find(process_fields, FIELDS_LENGTH(process_fields), pair->key);
    if (field)
        return field_store(field, &spec->process, pair->value, failure);
    if (strncmp(pair->key, "net.", 4) == 0 || strncmp(pair->key, "dns.", 4) == 0) {
        spec_store_network(spec, pair);
        return 0;
    }
    if (strcmp(pair->key, "ns.mnt") == 0 && strcmp(pair->value, "new") == 0)
        return 0;
    stored = spec_store_in_record(spec, pair, failure);
    if (stored == 0)
        return fail(failure, STAGE_REQUEST, EINVAL, "start: unknown key %.60s", pair->key);
    return stored < 0 ? -1 : 0;
}

static int spec_require(const char *op, const char *key, const char *value, struct failure *failure)
{
    if (!value)
        return fail(failure, STAGE_REQUEST, EINVAL, "%s: key %s is missing", op, key);
    return 0;
}

static int spec_check_container(const struct container_spec *spec, struct failure *failure)
{
    if (spec_require("start", "id", spec->id, failure) ||
        spec_require("start", "name", spec->name, failure) ||
        spec_require("start", "run_dir", spec->run_dir, failure) ||
        spec_require("start", "data_dir", spec->data_dir, failure))
        return -1;
    if (spec->process.arg.count == 0)
        return fail(failure, STAGE_REQUEST, EINVAL, "start: key arg is missing");
    if (!spec->upper != !spec->work)
        return fail(failure, STAGE_REQUEST, EINVAL, "start: keys upper and work come together");
    if (!spec->upper && spec->lower.count == 0)
        return fail(failure, STAGE_REQUEST, EINVAL, "start: neither lower nor upper is given");
    for (size_t i = 0; i < spec->mount_count; i++)
        if (!spec->mounts[i].target || spec->mounts[i].target[0] != '/')
            return fail(failure, STAGE_REQUEST, EINVAL, "mount.target of mount %zu is not an absolute path",
                        i);
    for (size_t i = 0; i < spec->content_count; i++)
        if (spec->contents[i].target[0] != '/' || !spec->contents[i].data)
            return fail(failure, STAGE_REQUEST, EINVAL, "content %zu has no absolute target or no data", i);
    for (size_t i = 0; i < spec->node_count; i++)
        if (spec->nodes[i].path[0] != '/' || !spec->nodes[i].type)
            return fail(failure, STAGE_REQUEST, EINVAL, "node %zu has no absolute path or no type", i);
    return 0;
}

int spec_parse_container(const struct request *request, struct container_spec *spec, struct failure *failure)
{
    memset(spec, 0, sizeof *spec);
    spec->stdin_mode = "closed";
    spec->log = "none";
    spec->log_max_file = 1;
    spec->restart = "no";
    spec->stop_signal = 15;
    spec->stop_timeout = 10000;
    spec->process.umask = 022;
    spec->process.cwd = "/";
    for (size_t i = 0; i < request->count; i++)
        if (spec_store_pair(spec, &request->pairs[i], failure))
            return -1;
    return spec_check_container(spec, failure);
}

int spec_parse_exec(const struct request *request, struct exec_spec *spec, struct failure *failure)
{
    memset(spec, 0, sizeof *spec);
    spec->output = "relay";
    spec->process.umask = 022;
    spec->process.cwd = "/";
    for (size_t i = 0; i < request->count; i++) {
        const struct proto_pair *pair = &request->pairs[i];
        const struct field *field = field_find(exec_fields, FIELDS_LENGTH(exec_fields), pair->key);
        void *base = spec;

        if (!field) {
            field = field_find(process_fields, FIELDS_LENGTH(process_fields), pair->key);
            base = &spec->process;
        }
        if (!field)
            return fail(failure, STAGE_REQUEST, EINVAL, "exec: unknown key %.60s", pair->key);
        if (field_store(field, base, pair->value, failure))
            return -1;
    }
    if (spec->pid <= 0 || spec->pid_start <= 0 || spec->process.arg.count == 0)
        return fail(failure, STAGE_REQUEST, EINVAL, "exec: keys pid, pid_start and arg are needed");
    return 0;
}

void spec_free_container(struct container_spec *spec)
{
    field_free_lists(container_fields, FIELDS_LENGTH(container_fields), spec);
    field_free_lists(process_fields, FIELDS_LENGTH(process_fields), &spec->process);
    for (size_t i = 0; i < spec->mount_count; i++)
        free(spec->mounts[i].lower.items);
    free(spec->mounts);
    free(spec->contents);
    free(spec->nodes);
    free(spec->network);
}

void spec_free_exec(struct exec_spec *spec)
{
    field_free_lists(exec_fields, FIELDS_LENGTH(exec_fields), spec);
    field_free_lists(process_fields, FIELDS_LENGTH(process_fields), &spec->process);
}
