#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *memory_checked(void *pointer)
{
    if (!pointer) {
        static const char text[] = "mydocker-core: out of memory\n";
        if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
            _exit(71);
        _exit(70);
    }
    return pointer;
}

void *memory_allocate(size_t count, size_t size)
{
    return memory_checked(calloc(count ? count : 1, size));
}

void *memory_resize(void *old, size_t count, size_t size)
{
    return memory_checked(reallocarray(old, count ? count : 1, size));
}

char *memory_format(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    return memory_checked(text);
}

char *memory_copy_string(const char *text)
{
    return memory_checked(strdup(text));
}
