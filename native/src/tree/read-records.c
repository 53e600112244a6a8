#include "read-records.h"

#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_SIZE (64 * 1024)

static int read_all(struct records *records, size_t *size, struct failure *failure)
{
    for (size_t room = 0;;) {
        if (room - *size < BLOCK_SIZE) {
            room = room * 2 + BLOCK_SIZE;
            records->text = memory_resize(records->text, room, 1);
        }
        ssize_t count = read(STDIN_FILENO, records->text + *size, room - *size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(failure, STAGE_REQUEST, errno, "reading the list");
        if (count == 0)
            return 0;
        *size += (size_t)count;
    }
}

int read_records(struct records *records, size_t size, struct failure *failure)
{
    size_t length = 0;
    *records = (struct records){0};
    if (read_all(records, &length, failure) < 0)
        return -1;
    for (size_t at = 0; at < length; at += strlen(records->text + at) + 1) {
        if (memchr(records->text + at, '\0', length - at) == NULL)
            return fail(failure, STAGE_REQUEST, EINVAL, "the list does not end with NUL");
        if ((records->count & (records->count - 1)) == 0)
            records->items = memory_resize(records->items, records->count ? records->count * 2 : 1,
                                           sizeof *records->items);
        records->items[records->count++] = records->text + at;
    }
    if (records->count % size != 0)
        return fail(failure, STAGE_REQUEST, EINVAL, "the list's last record is not whole");
    return 0;
}

void records_free(struct records *records)
{
    free(records->items);
    free(records->text);
}
