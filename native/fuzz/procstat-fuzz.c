#include "memory.h"
#include "procstat.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    char *text = memory_allocate(size + 1, 1);
    struct procstat stat;

    memcpy(text, data, size);
    procstat_parse(text, &stat);
    free(text);
    return 0;
}
