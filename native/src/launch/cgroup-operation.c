#include "cgroup.h"
#include "json.h"
#include "memory.h"
#include "operations.h"

#include <string.h>
#include <unistd.h>

/* Moves `serve`: what it forks from then on is born there, where each supervisor would else have to move by
 * itself. */
static int cgroup_enter_parent(const struct request *request, struct failure *failure)
{
    static const char *const keys[] = {"cgroup", NULL};

    if (proto_check_keys(request, keys, failure))
        return -1;
    for (size_t i = 0; i < request->count; i++)
        if (cgroup_enter(request->pairs[i].value, serve_parent(), failure))
            return -1;
    return 0;
}

int operation_cgroup_enter(const struct request *request, int reply)
{
    struct failure failure;

    if (cgroup_enter_parent(request, &failure)) {
        json_write_failure(reply, request->id, &failure);
        return 1;
    }
    return json_write_ok(reply, request->id) ? 1 : 0;
}
