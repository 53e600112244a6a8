#ifndef ENTRY_H
#define ENTRY_H

/* Where the kernel enters the program (the linker is told so): see entry.c. */
void entry_start(void);

/* `stack` is as the kernel made it: the number of arguments, these, NULL, the environment. Returns when the
 * program needs the C library. */
void entry_before_libc(const long *stack);

#endif
