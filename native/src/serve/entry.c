#include "entry.h"

#include "init.h"
#include "reopen-readonly.h"

#include <stdbool.h>

/*
 * Where the shipped program begins, before the C library does: setting that up asks the processor about its
 * caches a hundred times, which takes a virtual machine a millisecond. Two programs have no use for it: the
 * init of a container, and the `serve` that only executes itself again.
 */

#if defined(__x86_64__)

/* The kernel enters with the arguments on the stack; _start wants stack and registers as they were. */
__asm__(".text\n.global entry_start\n.type entry_start, @function\n"
        "entry_start:\n"
        "    mov %rsp, %rdi\n"
        "    push %rdx\n"
        "    sub $8, %rsp\n"
        "    call entry_before_libc\n"
        "    add $8, %rsp\n"
        "    pop %rdx\n"
        "    jmp _start\n");

#elif defined(__aarch64__)

__asm__(".text\n.global entry_start\n.type entry_start, %function\n"
        "entry_start:\n"
        "    stp x0, x30, [sp, #-16]!\n"
        "    add x0, sp, #16\n"
        "    bl entry_before_libc\n"
        "    ldp x0, x30, [sp], #16\n"
        "    b _start\n");

#else

__asm__(".text\n.global entry_start\n.set entry_start, _start\n");

#endif

static bool entry_is(const char *text, const char *word)
{
    while (*text && *text == *word)
        text++, word++;
    return *text == *word;
}

static int entry_number(const char *text)
{
    int number = 0;

    while (*text >= '0' && *text <= '9' && number < 100000000)
        number = number * 10 + (*text++ - '0');
    return *text ? 0 : number;
}

void entry_before_libc(const long *stack)
{
    long argc = stack[0];
    char *const *argv = (char *const *)(stack + 1);

    if (argc == 3 && entry_is(argv[1], "init") && entry_number(argv[2]) > 0)
        init_run(entry_number(argv[2]));
    if (argc == 2 && entry_is(argv[1], "serve"))
        reopen_readonly("serve-sealed", argv + argc + 1);
}
