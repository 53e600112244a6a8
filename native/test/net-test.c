#include "net-port.h"
#include "net-record.h"
#include "net-spec.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define NETWORK "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void addresses_are_parsed_or_refused(void)
{
    const char *const wrong[] = {"", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "fd00::1/129", "fd00::1/64x", "web"};
    struct net_address address;

    CHECK(net_address_parse("10.0.0.1/8", &address));
    CHECK_INT(address.prefix, 8);
    CHECK(net_address_parse("fd00::1", &address));
    CHECK_INT(address.prefix, 128);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK(!net_address_parse(wrong[i], &address));
        CHECK_INT(address.family, 0);
    }
}

static void names_become_safe_file_names(void)
{
    char path[NET_RECORD_MAX];

    CHECK(net_record_name_folder("n", "Web-1.x", 7, path));
    CHECK_TEXT(path, "n/name/web-1.x");
    CHECK(net_record_name_folder("n", "../x", 4, path));
    CHECK_TEXT(path, "n/name/%2e.%2fx");
    CHECK(!net_record_name_folder("n", "", 0, path));
}

static void records_come_and_go_with_their_folders(void)
{
    char folder[] = "/tmp/net-test-XXXXXX", rest[NET_RECORD_MAX], target[128];
    struct net_holder self = {getpid(), net_holder_start(getpid())}, found;
    int root;

    CHECK(mkdtemp(folder) != NULL);
    root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(root >= 0 && self.start > 0);
    snprintf(target, sizeof target, "%d %llu one two", (int)self.pid, (unsigned long long)self.start);
    CHECK_INT(net_record_create(root, "a/b/c", target), 0);
    CHECK_INT(net_record_create(root, "a/b/c", target), -1);
    CHECK_INT(net_record_write(root, "a/b/c", target), 0);
    CHECK(net_record_read(root, "a/b/c", &found, rest));
    CHECK_TEXT(rest, "one two");
    CHECK(net_holder_alive(&found));
    found.start++;
    CHECK(!net_holder_alive(&found));
    CHECK_INT(net_record_remove(root, "a/b/c"), 0);
    CHECK(faccessat(root, "a", F_OK, 0) != 0);
    close(root);
    CHECK_INT(rmdir(folder), 0);
}

static void ports_are_held_against_others(void)
{
    struct net_publish first = {.protocol = IPPROTO_TCP, .target = 80, .held = -1};
    struct net_publish second = first;
    struct failure failure;

    CHECK_INT(net_port_hold(&first, &failure), 0);
    CHECK(first.port >= 1024 && first.held >= 0);
    second.first = second.last = first.port;
    CHECK_INT(net_port_hold(&second, &failure), -1);
    CHECK_INT(failure.error, EADDRINUSE);
    net_port_drop(&first);
    CHECK_INT(net_port_hold(&second, &failure), 0);
    CHECK_INT(second.port, second.first);
    net_port_drop(&second);
}

static void a_record_gives_the_elements_it_was_written_for(void)
{
    struct nft_element elements[2];

    CHECK_INT(net_port_parse("tcp * 8080 80 10.0.0.2 -", elements), 1);
    CHECK_TEXT(elements[0].set, "any4");
    CHECK(elements[0].key_size == 8 && memcmp(elements[0].key, "\6\0\0\0\x1f\x90\0\0", 8) == 0);
    CHECK(elements[0].data_size == 8 && memcmp(elements[0].data, "\x0a\0\0\2\0\x50\0\0", 8) == 0);
    CHECK_INT(net_port_parse("udp 127.0.0.1 53 53 10.0.0.2 fd00::2", elements), 1);
    CHECK_TEXT(elements[0].set, "at4");
    CHECK_INT(net_port_parse("tcp 0.0.0.0 80 80 10.0.0.2 fd00::2", elements), 1);
    CHECK_TEXT(elements[0].set, "any4");
    CHECK_INT(net_port_parse("tcp * 80 80 10.0.0.2 fd00::2", elements), 2);
    CHECK_INT(net_port_parse("tcp ::1 80 80 10.0.0.2 -", elements), 0);
    CHECK_INT(net_port_parse("nonsense", elements), 0);
}

static void the_keys_of_an_endpoint_are_parsed_and_no_others(void)
{
    struct proto_pair pairs[] = {{"net.root", "/run"},
                                 {"net.table", "t"},
                                 {"net.endpoint", NETWORK},
                                 {"net.name", "n"},
                                 {"net.bridge", "b"},
                                 {"net.veth", "v"},
                                 {"net.ifname", "eth0"},
                                 {"net.address", "10.0.0.2/24"},
                                 {"net.alias", "web"},
                                 {"net.publish", "tcp * 80 81 8080"},
                                 {"dns.server", "host 192.0.2.1"}};
    size_t count = sizeof pairs / sizeof pairs[0];
    struct net_spec spec;
    struct failure failure;

    CHECK_INT(net_spec_parse(pairs, count, &spec, &failure), 0);
    CHECK_INT(spec.endpoint_count, 1);
    CHECK_INT(spec.endpoints[0]->v4.prefix, 24);
    CHECK_INT(spec.publishes[0]->last, 81);
    CHECK(!spec.servers[0].in_container);
    net_spec_free(&spec);
    pairs[9].value = "tcp * 81 80 8080";
    CHECK_INT(net_spec_parse(pairs, count, &spec, &failure), -1);
    pairs[9] = (struct proto_pair){"net.nonsense", "1"};
    CHECK_INT(net_spec_parse(pairs, count, &spec, &failure), -1);
    CHECK_INT(net_spec_parse(pairs, 6, &spec, &failure), -1);
}

int main(void)
{
    addresses_are_parsed_or_refused();
    names_become_safe_file_names();
    records_come_and_go_with_their_folders();
    ports_are_held_against_others();
    a_record_gives_the_elements_it_was_written_for();
    the_keys_of_an_endpoint_are_parsed_and_no_others();
    return 0;
}
