#include "cleanup.h"
#include "device.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>

/* A program of BPF_PROG_TYPE_CGROUP_DEVICE: r2 type, r3 access, r4 major, r5 minor of the request; a rule
 * that covers all of it returns 1, the end returns 0. */

#define DEVICE_RULE_MAX 8 /* instructions of one rule at most */

struct device_program {
    struct bpf_insn *code;
    size_t count;
};

static void device_emit(struct device_program *program, unsigned op, unsigned target, unsigned source,
                        int offset, int value)
{
    program->code[program->count++] = (struct bpf_insn){.code = (unsigned char)op,
                                                        .dst_reg = target & 15,
                                                        .src_reg = source & 15,
                                                        .off = (short)offset,
                                                        .imm = value};
}

static void device_emit_start(struct device_program *program)
{
    /* access_type is ACCESS << 16 | TYPE */
    device_emit(program, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1, 0, 0);
    device_emit(program, BPF_ALU | BPF_AND | BPF_K, BPF_REG_2, 0, 0, 0xffff);
    device_emit(program, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_3, BPF_REG_1, 0, 0);
    device_emit(program, BPF_ALU | BPF_RSH | BPF_K, BPF_REG_3, 0, 0, 16);
    device_emit(program, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_4, BPF_REG_1, 4, 0);
    device_emit(program, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_5, BPF_REG_1, 8, 0);
}

static void device_emit_rule(struct device_program *program, const struct device_rule *rule)
{
    const unsigned all = DEVICE_MKNOD | DEVICE_READ | DEVICE_WRITE;
    size_t first = program->count, end;

    if (rule->type != 'a')
        device_emit(program, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_2, 0, 0,
                    rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
    if (rule->access != all) {
        device_emit(program, BPF_ALU | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_3, 0, 0);
        device_emit(program, BPF_ALU | BPF_AND | BPF_K, BPF_REG_1, 0, 0, (int)(all & ~rule->access));
        device_emit(program, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_1, 0, 0, 0);
    }
    if (rule->major >= 0)
        device_emit(program, BPF_JMP32 | BPF_JNE | BPF_K, BPF_REG_4, 0, 0, (int)rule->major);
    if (rule->minor >= 0)
        device_emit(program, BPF_JMP32 | BPF_JNE | BPF_K, BPF_REG_5, 0, 0, (int)rule->minor);
    end = program->count + 2;
    for (size_t i = first; i < program->count; i++)
        if (BPF_OP(program->code[i].code) == BPF_JNE && BPF_CLASS(program->code[i].code) != BPF_ALU)
            program->code[i].off = (short)(end - i - 1);
    device_emit(program, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 1);
    device_emit(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int device_bpf(int command, union bpf_attr *attribute)
{
    return (int)syscall(SYS_bpf, command, attribute, sizeof *attribute);
}

static int device_bpf_load(const struct device_program *program)
{
    static const char license[] = "Apache-2.0";
    union bpf_attr attribute = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                                .insn_cnt = (unsigned)program->count,
                                .insns = (uintptr_t)program->code,
                                .license = (uintptr_t)license};

    return device_bpf(BPF_PROG_LOAD, &attribute); /* the fd is O_CLOEXEC by itself */
}

/* The programs that are attached to this very folder, of an earlier start of the container. */
static size_t device_bpf_attached(int folder, unsigned ids[64])
{
    union bpf_attr attribute = {.query = {.target_fd = (unsigned)folder,
                                          .attach_type = BPF_CGROUP_DEVICE,
                                          .prog_ids = (uintptr_t)ids,
                                          .prog_cnt = 64}};

    return device_bpf(BPF_PROG_QUERY, &attribute) ? 0 : attribute.query.prog_cnt;
}

static void device_bpf_detach(int folder, unsigned id)
{
    union bpf_attr open = {.prog_id = id};
    CLEANUP_FD int program = device_bpf(BPF_PROG_GET_FD_BY_ID, &open);
    union bpf_attr detach = {
        .target_fd = (unsigned)folder, .attach_bpf_fd = (unsigned)program, .attach_type = BPF_CGROUP_DEVICE};

    if (program >= 0)
        device_bpf(BPF_PROG_DETACH, &detach);
}

int device_bpf_attach(const char *folder, const struct device_rule *rules, size_t count,
                      struct failure *failure)
{
    CLEANUP_FREE struct bpf_insn *code = memory_allocate(count * DEVICE_RULE_MAX + 8, sizeof *code);
    struct device_program program = {.code = code};
    CLEANUP_FD int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_FD int loaded = -1;
    union bpf_attr attach;
    unsigned earlier[64];
    size_t earlier_count;

    if (directory < 0)
        return fail(failure, STAGE_DEVICE, errno, "cannot open cgroup %s", folder);
    device_emit_start(&program);
    for (size_t i = 0; i < count; i++)
        device_emit_rule(&program, &rules[i]);
    device_emit(&program, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
    device_emit(&program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
    loaded = device_bpf_load(&program);
    if (loaded < 0)
        return fail(failure, STAGE_DEVICE, errno, "cannot load the BPF program of the device rules");
    earlier_count = device_bpf_attached(directory, earlier);
    attach = (union bpf_attr){.target_fd = (unsigned)directory,
                              .attach_bpf_fd = (unsigned)loaded,
                              .attach_type = BPF_CGROUP_DEVICE,
                              .attach_flags = BPF_F_ALLOW_MULTI};
    if (device_bpf(BPF_PROG_ATTACH, &attach))
        return fail(failure, STAGE_DEVICE, errno, "cannot attach the device rules to %s", folder);
    for (size_t i = 0; i < earlier_count; i++)
        device_bpf_detach(directory, earlier[i]);
    return 0;
}
