#include "exec.h"
#include "init.h"
#include "json.h"
#include "pack.h"
#include "proto.h"
#include "remove-paths.h"
#include "reopen-readonly.h"
#include "serve.h"
#include "unpack.h"
#include "version.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int main_version(void)
{
    struct json json = {0};
    int result;

    json_object_begin(&json, NULL);
    json_string(&json, "version", CORE_VERSION);
    json_integer(&json, "protocol", PROTO_VERSION);
    json_object_end(&json);
    result = json_write_line(&json, 1);
    json_free(&json);
    return result ? 1 : 0;
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";

    if (strcmp(command, "serve") == 0)
        reopen_readonly("serve-sealed", environ);
    if (strncmp(command, "serve", 5) == 0)
        return serve_main();
    if (strcmp(command, "exec") == 0)
        reopen_readonly("exec-sealed", environ);
    if (strncmp(command, "exec", 4) == 0)
        return exec_main();
    if (strcmp(command, "unpack") == 0)
        return unpack_main(argc - 2, argv + 2);
    if (strcmp(command, "pack") == 0)
        return pack_main(argc - 2, argv + 2);
    if (strcmp(command, "remove") == 0)
        return remove_paths_main(argc - 2, argv + 2);
    if (strcmp(command, "init") == 0)
        return init_main(argc, argv);
    if (strcmp(command, "version") == 0)
        return main_version();
    fprintf(stderr, "usage: mydocker-core serve|unpack|pack|remove|version\n");
    return 2;
}
