#include "check.h"
#include "spec.h"

/* A request of these `key=value` strings on top of what every start needs. */
static struct request request_of(const char *const *pairs)
{
    static const char *const needed[] = {"id=i",     "name=n", "run_dir=/r", "data_dir=/d",
                                         "lower=/l", "arg=sh", NULL};
    char *payload = calloc(1, 4096);
    size_t size = (size_t)sprintf(payload, "1") + 1;
    struct request request;
    struct failure failure;

    size += (size_t)sprintf(payload + size, "start") + 1;
    for (size_t i = 0; needed[i]; i++)
        size += (size_t)sprintf(payload + size, "%s", needed[i]) + 1;
    for (size_t i = 0; pairs[i]; i++)
        size += (size_t)sprintf(payload + size, "%s", pairs[i]) + 1;
    CHECK_INT(proto_decode(payload, size, &request, &failure), 0);
    return request;
}

static int parse(const char *const *pairs)
{
    struct request request = request_of(pairs);
    struct container_spec spec;
    struct failure failure;
    int result = spec_parse_container(&request, &spec, &failure);

    spec_free_container(&spec);
    proto_free(&request);
    return result;
}

static void records_own_the_keys_below_them(void)
{
    static const char *const pairs[] = {"mount=tmpfs",     "mount.target=/a",
                                        "env=A=1",         "mount=overlay",
                                        "mount.target=/b", "mount.lower=/1",
                                        "mount.lower=/2",  "content=/c",
                                        "content.data=",   "env=B=",
                                        "arg=-c",          "net.x=1",
                                        "dns.y=2",         NULL};
    struct request request = request_of(pairs);
    struct container_spec spec;
    struct failure failure;

    CHECK_INT(spec_parse_container(&request, &spec, &failure), 0);
    CHECK_INT(spec.mount_count, 2);
    CHECK_TEXT(spec.mounts[0].target, "/a");
    CHECK_INT(spec.mounts[0].lower.count, 0);
    CHECK_TEXT(spec.mounts[1].lower.items[1], "/2");
    CHECK_INT(spec.content_count, 1);
    CHECK_INT(spec.contents[0].mode, 0444);
    CHECK_INT(spec.process.env.count, 2);
    CHECK_INT(spec.process.arg.count, 2);
    CHECK_INT(spec.process.umask, 022);
    CHECK_INT(spec.network_count, 2);
    CHECK_TEXT(spec.network[1].key, "dns.y");
    spec_free_container(&spec);
    proto_free(&request);
}

static void namespaces_are_new_the_host_s_or_a_process_s(void)
{
    static const char *const pairs[] = {"ns.net=host", "ns.ipc=/proc/12/ns/ipc|345", "ns.mnt=new", NULL};
    struct request request = request_of(pairs);
    struct container_spec spec;
    struct failure failure;

    CHECK_INT(spec_parse_container(&request, &spec, &failure), 0);
    CHECK_INT(spec.ns_pid.mode, NAMESPACE_NEW);
    CHECK_INT(spec.ns_net.mode, NAMESPACE_HOST);
    CHECK_INT(spec.ns_ipc.mode, NAMESPACE_JOIN);
    CHECK_INT(spec.ns_ipc.start, 345);
    spec_free_container(&spec);
    proto_free(&request);
}

static void wrong_requests_are_refused(void)
{
    static const char *const wrong[][3] = {
        {"unknown=1"},
        {"mount.target=/a"},
        {"mount=tmpfs"},
        {"mount=tmpfs", "mount.target=a"},
        {"init=2"},
        {"cap.bounding=xyz"},
        {"umask=9"},
        {"umask=77777"},
        {"upper=/u"},
        {"ns.net=other"},
        {"ns.net=/proc/1/ns/net"},
        {"ns.net=/proc/1/ns/net|x"},
        {"stop.timeout=1s"},
        {"content=/c"},
        {"content=c", "content.data="},
        {"node=/dev/x"},
        {"ns.mnt=host"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (parse((const char *const[]){wrong[i][0], wrong[i][1], NULL}) == 0) {
            fprintf(stderr, "taken: %s\n", wrong[i][0]);
            exit(1);
        }
    CHECK_INT(parse((const char *const[]){NULL}), 0);
}

int main(void)
{
    records_own_the_keys_below_them();
    namespaces_are_new_the_host_s_or_a_process_s();
    wrong_requests_are_refused();
    return 0;
}
