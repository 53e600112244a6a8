#include "base64.h"
#include "detach-keys.h"
#include "memory.h"
#include "mount-options.h"
#include "restart.h"

#include <stdlib.h>
#include <string.h>

/* The small languages inside a request: base64, mount options, restart policies, the keys that detach. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    char *text = memory_allocate(size + 1, 1);
    unsigned char *bytes = memory_allocate(size + 1, 1);
    char *typed = memory_allocate(size + DETACH_KEYS_LIMIT + 1, 1);
    struct detach_keys detach = {.keys = "\x10\x11"};
    struct mount_options options;
    struct restart_rule rule;
    size_t kept;

    memcpy(text, data, size);
    if (base64_decode(text, bytes) > (ssize_t)size)
        abort();
    mount_options_parse(text, &options);
    mount_options_free(&options);
    restart_parse(text, &rule);
    detach_keys_filter(&detach, (const char *)data, size, typed, &kept);
    if (kept > size + DETACH_KEYS_LIMIT)
        abort();
    free(typed);
    free(bytes);
    free(text);
    return 0;
}
