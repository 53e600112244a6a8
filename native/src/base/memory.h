#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* Zeroed memory for `count` objects; the process ends (status 70) when there is none. */
void *memory_allocate(size_t count, size_t size);
/* As realloc for `count` objects of `size`; never NULL. */
void *memory_resize(void *old, size_t count, size_t size);
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *memory_copy_string(const char *text);

#endif
