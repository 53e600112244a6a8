#include "cleanup.h"
#include "json.h"
#include "memory.h"
#include "operations.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define SECCOMP_MAX_ARGUMENTS 6

/* One rule that is being read: its line and the conditions that followed. */
struct seccomp_rule {
    const char *line;
    struct scmp_arg_cmp conditions[16];
    unsigned count;
};

struct seccomp_profile {
    scmp_filter_ctx context;
    uint32_t fallback; /* the action for what no rule names */
    int highest;       /* the highest system call number that a rule names */
    struct failure *failure;
};

static bool seccomp_parse_action(const char *text, size_t length, uint32_t *action)
{
    char word[24];
    unsigned number;
    char rest;

    if (length >= sizeof word)
        return false;
    memcpy(word, text, length);
    word[length] = '\0';
    if (sscanf(word, "errno:%u%c", &number, &rest) == 1 && number < 4096)
        *action = SCMP_ACT_ERRNO(number);
    else if (sscanf(word, "trace:%u%c", &number, &rest) == 1 && number < 65536)
        *action = SCMP_ACT_TRACE(number);
    else if (strcmp(word, "allow") == 0)
        *action = SCMP_ACT_ALLOW;
    else if (strcmp(word, "log") == 0)
        *action = SCMP_ACT_LOG;
    else if (strcmp(word, "trap") == 0)
        *action = SCMP_ACT_TRAP;
    else if (strcmp(word, "kill") == 0 || strcmp(word, "kill_process") == 0)
        *action = SCMP_ACT_KILL_PROCESS;
    else if (strcmp(word, "kill_thread") == 0)
        *action = SCMP_ACT_KILL_THREAD;
    else
        return false;
    return true;
}

static bool seccomp_parse_condition(const char *text, struct scmp_arg_cmp *condition)
{
    static const char *const names[] = {"ne", "lt", "le", "eq", "ge", "gt", "masked_eq"};
    static const enum scmp_compare comparisons[] = {SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE,       SCMP_CMP_EQ,
                                                    SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ};
    unsigned long long first, second = 0;
    unsigned index;
    char word[12];
    int fields = sscanf(text, "%u %11s %llu %llu", &index, word, &first, &second);

    if (fields < 3 || index >= SECCOMP_MAX_ARGUMENTS)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], word) == 0) {
            *condition = (struct scmp_arg_cmp){index, comparisons[i], first, second};
            return true;
        }
    return false;
}

/* libseccomp takes one condition for each argument; several on the same one are rules of their own. */
static bool seccomp_repeats_argument(const struct seccomp_rule *rule)
{
    unsigned seen = 0;

    for (unsigned i = 0; i < rule->count; i++) {
        if (seen & 1u << rule->conditions[i].arg)
            return true;
        seen |= 1u << rule->conditions[i].arg;
    }
    return false;
}

static int seccomp_add_call(struct seccomp_profile *profile, const struct seccomp_rule *rule, uint32_t action,
                            const char *name)
{
    int number = seccomp_syscall_resolve_name(name), result = 0;

    if (number == __NR_SCMP_ERROR)
        return 0; /* a profile may name what this version does not know */
    if (number > profile->highest && number < 1000)
        profile->highest = number;
    if (!seccomp_repeats_argument(rule))
        result = seccomp_rule_add_array(profile->context, action, number, rule->count, rule->conditions);
    for (unsigned i = 0; seccomp_repeats_argument(rule) && result == 0 && i < rule->count; i++)
        result = seccomp_rule_add_array(profile->context, action, number, 1, &rule->conditions[i]);
    /* EEXIST: said before. EDOM, EFAULT: one of the other architectures has no such call. */
    if (result && result != -EEXIST && result != -EDOM && result != -EFAULT)
        return fail(profile->failure, STAGE_SECCOMP, -result, "cannot add a rule for %.60s", name);
    return 0;
}

/* `ACTION NAME...` with the conditions that followed. */
static int seccomp_add_rule(struct seccomp_profile *profile, const struct seccomp_rule *rule)
{
    CLEANUP_FREE char *names = NULL;
    size_t length;
    uint32_t action;
    char *rest;

    if (!rule->line)
        return 0;
    length = strcspn(rule->line, " ");
    if (!seccomp_parse_action(rule->line, length, &action))
        return fail(profile->failure, STAGE_REQUEST, EINVAL, "rule: unknown action in \"%.60s\"", rule->line);
    if (action == profile->fallback)
        return 0;
    rest = names = memory_copy_string(rule->line + length);
    for (char *name = strsep(&rest, " "); name; name = strsep(&rest, " "))
        if (*name && seccomp_add_call(profile, rule, action, name))
            return -1;
    return 0;
}

static int seccomp_add_arch(struct seccomp_profile *profile, const char *name)
{
    char word[24] = "";
    uint32_t arch;
    int result;

    if (strncmp(name, "SCMP_ARCH_", 10) == 0)
        name += 10;
    for (size_t i = 0; name[i] && i < sizeof word - 1; i++)
        word[i] = (char)tolower((unsigned char)name[i]);
    arch = seccomp_arch_resolve_name(word);
    if (arch == 0)
        return fail(profile->failure, STAGE_REQUEST, EINVAL, "arch: unknown architecture \"%.40s\"", name);
    result = seccomp_arch_add(profile->context, arch);
    if (result && result != -EEXIST)
        return fail(profile->failure, STAGE_SECCOMP, -result, "cannot add architecture %.40s", name);
    return 0;
}

static int seccomp_read_pairs(struct seccomp_profile *profile, const struct request *request)
{
    struct seccomp_rule rule = {0};

    for (size_t i = 0; i < request->count; i++)
        if (strcmp(request->pairs[i].key, "arch") == 0 && seccomp_add_arch(profile, request->pairs[i].value))
            return -1;
    for (size_t i = 0; i < request->count; i++) {
        const struct proto_pair *pair = &request->pairs[i];

        if (strcmp(pair->key, "rule") == 0) {
            if (seccomp_add_rule(profile, &rule))
                return -1;
            rule = (struct seccomp_rule){.line = pair->value};
        } else if (strcmp(pair->key, "rule.arg") == 0) {
            if (!rule.line || rule.count == 16 ||
                !seccomp_parse_condition(pair->value, &rule.conditions[rule.count++]))
                return fail(profile->failure, STAGE_REQUEST, EINVAL, "rule.arg: \"%.60s\" is no condition",
                            pair->value);
        }
    }
    return seccomp_add_rule(profile, &rule);
}

/* A call that is newer than the whole profile "does not exist", so that libraries fall back to an older one
 * instead of giving up on EPERM. From 424 on numbers are alike everywhere; private ones begin above 1000. */
static int seccomp_write_newer(const struct seccomp_profile *profile, int fd)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (unsigned)profile->highest, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 1000, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };

    if ((profile->fallback & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO || profile->highest < 424)
        return 0;
    return write(fd, code, sizeof code) == (ssize_t)sizeof code ? 0 : -1;
}

static int seccomp_write(const struct seccomp_profile *profile, const char *output)
{
    CLEANUP_FREE char *part = memory_format("%s.%d", output, getpid());
    CLEANUP_FD int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd >= 0 && seccomp_write_newer(profile, fd) == 0 && seccomp_export_bpf(profile->context, fd) == 0 &&
        fdatasync(fd) == 0 && rename(part, output) == 0)
        return 0;
    fail(profile->failure, STAGE_SECCOMP, errno, "cannot write the seccomp filter %s", output);
    unlink(part);
    return -1;
}

static int seccomp_compile(const struct request *request, struct failure *failure)
{
    static const char *const keys[] = {"output", "default", "arch", "rule", "rule.arg", NULL};
    struct seccomp_profile profile = {.failure = failure};
    const char *output, *fallback;
    int result;

    if (proto_check_keys(request, keys, failure) || proto_require(request, "output", &output, failure) ||
        proto_require(request, "default", &fallback, failure))
        return -1;
    if (!seccomp_parse_action(fallback, strlen(fallback), &profile.fallback))
        return fail(failure, STAGE_REQUEST, EINVAL, "default: unknown action \"%.40s\"", fallback);
    profile.context = seccomp_init(profile.fallback);
    if (!profile.context)
        return fail(failure, STAGE_SECCOMP, EINVAL, "cannot start a seccomp filter");
    /* A tree of comparisons instead of a list: a few steps for each system call instead of hundreds. */
    seccomp_attr_set(profile.context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    result = seccomp_read_pairs(&profile, request) || seccomp_write(&profile, output) ? -1 : 0;
    seccomp_release(profile.context);
    return result;
}

int operation_seccomp(const struct request *request, int reply)
{
    struct failure failure;

    if (seccomp_compile(request, &failure)) {
        json_write_failure(reply, request->id, &failure);
        return 1;
    }
    return json_write_ok(reply, request->id) ? 1 : 0;
}
