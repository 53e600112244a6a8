#include "dns-wire.h"

#include "check.h"

#include <arpa/inet.h>

static const uint8_t header[12] = {0x12, 0x34, 1, 0, 0, 1};

static size_t make_query(uint8_t *packet, const char *name, uint16_t type)
{
    size_t at = sizeof header;

    memcpy(packet, header, sizeof header);
    while (*name) {
        size_t length = strcspn(name, ".");

        packet[at++] = (uint8_t)length;
        memcpy(packet + at, name, length);
        at += length;
        name += length + (name[length] == '.');
    }
    packet[at++] = 0;
    packet[at++] = (uint8_t)(type >> 8);
    packet[at++] = (uint8_t)type;
    packet[at++] = 0;
    packet[at++] = 1;
    return at;
}

static void a_question_is_read_in_lower_case(void)
{
    uint8_t packet[512];
    struct dns_question question;
    size_t size = make_query(packet, "WeB.Example", DNS_AAAA);

    CHECK_INT(dns_parse(packet, size, &question), DNS_NOERROR);
    CHECK_TEXT(question.name, "web.example");
    CHECK_INT(question.type, DNS_AAAA);
    CHECK_INT(question.id, 0x1234);
    CHECK_INT(question.udp_size, 512);
    CHECK(question.plain && question.recursion && !question.edns);
}

static void the_options_record_gives_the_size(void)
{
    uint8_t packet[512];
    struct dns_question question;
    size_t size = make_query(packet, "web", DNS_A);
    const uint8_t options[] = {0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0};

    memcpy(packet + size, options, sizeof options);
    packet[11] = 1;
    CHECK_INT(dns_parse(packet, size + sizeof options, &question), DNS_NOERROR);
    CHECK(question.edns);
    CHECK_INT(question.udp_size, 4096);
}

static void broken_questions_are_refused(void)
{
    uint8_t packet[512];
    struct dns_question question;
    size_t size = make_query(packet, "web.example", DNS_A);

    for (size_t cut = 12; cut < size; cut++)
        CHECK_INT(dns_parse(packet, cut, &question), DNS_FORMERR);
    CHECK_INT(dns_parse(packet, 11, &question), -1);
    packet[2] = 0x80;
    CHECK_INT(dns_parse(packet, size, &question), -1);
    packet[2] = 0x28;
    CHECK_INT(dns_parse(packet, size, &question), DNS_NOTIMP);
    packet[2] = 1;
    packet[12] = 0xc0;
    CHECK_INT(dns_parse(packet, size, &question), DNS_FORMERR);
}

static void labels_that_are_no_host_names_are_not_looked_up(void)
{
    uint8_t packet[512];
    struct dns_question question;
    size_t size = make_query(packet, "a/b", DNS_A);

    CHECK_INT(dns_parse(packet, size, &question), DNS_NOERROR);
    CHECK(!question.plain);
}

static void answers_carry_question_and_addresses(void)
{
    uint8_t packet[512], data[512];
    struct dns_question question;
    struct dns_answer answer = {.data = data, .capacity = sizeof data};
    struct net_address address;
    size_t size = make_query(packet, "web", DNS_A);

    CHECK_INT(dns_parse(packet, size, &question), DNS_NOERROR);
    CHECK(net_address_parse("10.1.2.3", &address));
    dns_answer_begin(&answer, packet, &question, DNS_NOERROR, true);
    dns_answer_address(&answer, &address);
    dns_answer_address(&answer, &address);
    dns_answer_end(&answer, &question);
    CHECK_INT(answer.size, size + 2 * 16);
    CHECK_INT(data[7], 2);
    CHECK(dns_matches(data, answer.size, packet, size));
    CHECK(memcmp(data + answer.size - 4, "\x0a\x01\x02\x03", 4) == 0);
    data[0] ^= 1;
    CHECK(!dns_matches(data, answer.size, packet, size));
}

static void an_answer_that_does_not_fit_is_marked(void)
{
    uint8_t packet[512], data[512];
    struct dns_question question;
    struct dns_answer answer = {.data = data, .capacity = sizeof data};
    struct net_address address;
    size_t size = make_query(packet, "web", DNS_A);

    CHECK_INT(dns_parse(packet, size, &question), DNS_NOERROR);
    CHECK(net_address_parse("10.1.2.3", &address));
    dns_answer_begin(&answer, packet, &question, DNS_NOERROR, true);
    for (int i = 0; i < 60; i++)
        dns_answer_address(&answer, &address);
    dns_answer_end(&answer, &question);
    CHECK(data[2] & 2);
    CHECK(answer.size <= sizeof data);
}

static void reverse_names_are_addresses(void)
{
    struct net_address address;
    char text[INET6_ADDRSTRLEN];

    CHECK(dns_reverse_address("4.3.2.10.in-addr.arpa", &address));
    CHECK_TEXT(net_address_text(&address, text), "10.2.3.4");
    CHECK(dns_reverse_address("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa",
                              &address));
    CHECK_TEXT(net_address_text(&address, text), "fd00::1");
    CHECK(!dns_reverse_address("256.3.2.10.in-addr.arpa", &address));
    CHECK(!dns_reverse_address("web", &address));
    CHECK(!dns_reverse_address("3.2.10.in-addr.arpa", &address));
}

int main(void)
{
    a_question_is_read_in_lower_case();
    the_options_record_gives_the_size();
    broken_questions_are_refused();
    labels_that_are_no_host_names_are_not_looked_up();
    answers_carry_question_and_addresses();
    an_answer_that_does_not_fit_is_marked();
    reverse_names_are_addresses();
    return 0;
}
