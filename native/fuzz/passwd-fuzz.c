#include "memory.h"
#include "passwd.h"

#include <stdlib.h>
#include <string.h>

static char *copy(const unsigned char *data, size_t size)
{
    char *text = memory_allocate(size + 1, 1);

    memcpy(text, data, size);
    return text;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    char *text = copy(data, size), *cursor = text;
    struct passwd_entry user;
    struct group_entry group;

    while (passwd_next(&cursor, &user))
        if (strlen(user.name) == 0 || strlen(user.home) > size)
            abort();
    free(text);
    cursor = text = copy(data, size);
    while (group_next(&cursor, &group))
        group_has_member(&group, "web");
    free(text);
    return 0;
}
