#include "memory.h"
#include "net-spec.h"
#include "spec.h"

#include <string.h>

/* A request frame as `serve` and control.sock read it, and all that is parsed from it. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    char *payload = memory_allocate(size, 1);
    struct request request;
    struct container_spec container;
    struct exec_spec exec;
    struct net_spec network;
    struct failure failure;

    memcpy(payload, data, size);
    if (proto_decode(payload, size, &request, &failure) == 0) {
        if (spec_parse_container(&request, &container, &failure) == 0 &&
            net_spec_parse(container.network, container.network_count, &network, &failure) == 0)
            net_spec_free(&network);
        spec_free_container(&container);
        spec_parse_exec(&request, &exec, &failure);
        spec_free_exec(&exec);
    }
    proto_free(&request);
    return 0;
}
