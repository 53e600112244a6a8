#include "cleanup.h"
#include "json.h"
#include "launch.h"
#include "operations.h"

#include <fcntl.h>
#include <sys/wait.h>

/* Starts the container and waits for its end. */
int operation_start(const struct request *request, int reply)
{
    struct container_spec spec;
    struct launch_result result;
    struct failure failure;
    struct json json = {0};
    struct launch_io io;
    CLEANUP_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    serve_detach();
    io = (struct launch_io){null, 1, 2};
    if (spec_parse_container(request, &spec, &failure) ||
        launch_container(&spec, &io, NULL, &result, &failure)) {
        json_write_failure(reply, request->id, &failure);
        return 1;
    }
    json_reply_begin(&json, request->id);
    json_integer(&json, "pid", result.pid);
    json_integer(&json, "pidStart", (int64_t)result.start);
    json_object_end(&json);
    json_write_line(&json, reply);
    close(reply);
    waitpid(result.pid, NULL, 0);
    return 0;
}
