#include "dns-wire.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { TTL = 0 /* a container may be gone the next moment */, OPT_SIZE = 11 };

static uint16_t dns_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void dns_set16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* Reads the question's name. The offset behind it, 0 when it is broken. */
static size_t dns_read_name(const uint8_t *packet, size_t size, size_t at, struct dns_question *question)
{
    question->plain = true;
    question->name_size = 0;
    for (;;) {
        size_t length;

        if (at >= size)
            return 0;
        length = packet[at++];
        if (length == 0)
            break;
        /* Nothing precedes the first question, so a compression pointer has no place in it. */
        if (length > 63 || at + length >= size || question->name_size + length + 1 > 253)
            return 0;
        if (question->name_size)
            question->name[question->name_size++] = '.';
        for (size_t i = 0; i < length; i++) {
            unsigned char c = packet[at + i];

            if (c <= ' ' || c == '.' || c == '/' || c >= 0x7f)
                question->plain = false;
            question->name[question->name_size++] = (char)tolower(c);
        }
        at += length;
    }
    question->name[question->name_size] = '\0';
    return at;
}

/* The offset behind a name that may be compressed; 0 when it is broken. */
static size_t dns_skip_name(const uint8_t *packet, size_t size, size_t at)
{
    while (at < size) {
        uint8_t length = packet[at];

        if (length == 0)
            return at + 1;
        if ((length & 0xc0) == 0xc0)
            return at + 2 <= size ? at + 2 : 0;
        if (length > 63)
            return 0;
        at += length + 1u;
    }
    return 0;
}

/* Looks for the OPT record among the additional ones. False when the packet is broken. */
static bool dns_read_options(const uint8_t *packet, size_t size, struct dns_question *question)
{
    unsigned records = dns_get16(packet + 6) + dns_get16(packet + 8) + dns_get16(packet + 10);
    size_t at = question->end;

    question->udp_size = DNS_MIN_UDP;
    while (records-- > 0) {
        at = dns_skip_name(packet, size, at);
        if (at == 0 || at + 10 > size)
            return false;
        if (dns_get16(packet + at) == DNS_OPT) {
            question->edns = true;
            question->udp_size = dns_get16(packet + at + 2);
            if (question->udp_size < DNS_MIN_UDP)
                question->udp_size = DNS_MIN_UDP;
        }
        at += 10u + dns_get16(packet + at + 8);
        if (at > size)
            return false;
    }
    return true;
}

int dns_parse(const uint8_t *packet, size_t size, struct dns_question *question)
{
    memset(question, 0, sizeof *question);
    if (size < DNS_HEADER_SIZE || (packet[2] & 0x80))
        return -1;
    question->id = dns_get16(packet);
    question->recursion = packet[2] & 1;
    question->end = DNS_HEADER_SIZE;
    question->udp_size = DNS_MIN_UDP;
    if (packet[2] & 0x78)
        return DNS_NOTIMP;
    if (dns_get16(packet + 4) != 1)
        return DNS_FORMERR;
    question->end = dns_read_name(packet, size, DNS_HEADER_SIZE, question);
    if (question->end == 0 || question->end + 4 > size) {
        question->end = DNS_HEADER_SIZE;
        return DNS_FORMERR;
    }
    question->type = dns_get16(packet + question->end);
    question->class = dns_get16(packet + question->end + 2);
    question->end += 4;
    return dns_read_options(packet, size, question) ? DNS_NOERROR : DNS_FORMERR;
}

bool dns_matches(const uint8_t *packet, size_t size, const uint8_t *query, size_t query_size)
{
    struct dns_question question;

    if (size < DNS_HEADER_SIZE || !(packet[2] & 0x80) || memcmp(packet, query, 2) != 0 ||
        dns_parse(query, query_size, &question) < 0)
        return false;
    /* A server that found the question broken may answer with the header alone. */
    if (dns_get16(packet + 4) == 0)
        return dns_code(packet) != DNS_NOERROR;
    if (size < question.end)
        return false;
    for (size_t i = DNS_HEADER_SIZE; i < question.end; i++)
        if (tolower(packet[i]) != tolower(query[i]))
            return false;
    return true;
}

unsigned dns_code(const uint8_t *packet)
{
    return packet[3] & 15;
}

void dns_answer_begin(struct dns_answer *answer, const uint8_t *query, const struct dns_question *question,
                      enum dns_code code, bool authoritative)
{
    size_t size = question->end;

    memcpy(answer->data, query, size);
    answer->data[2] = (uint8_t)(0x80 | (query[2] & 0x79) | (authoritative ? 4 : 0));
    answer->data[3] = (uint8_t)(0x80 | code);
    dns_set16(answer->data + 4, size > DNS_HEADER_SIZE);
    memset(answer->data + 6, 0, 6);
    answer->size = size;
    answer->full = false;
}

static bool dns_answer_record(struct dns_answer *answer, enum dns_type type, const void *data, size_t size)
{
    uint8_t *at = answer->data + answer->size;

    if (answer->size + 12 + size + OPT_SIZE > answer->capacity) {
        answer->full = true;
        return false;
    }
    dns_set16(at, 0xc000 | DNS_HEADER_SIZE);
    dns_set16(at + 2, type);
    dns_set16(at + 4, 1);
    memset(at + 6, 0, 4);
    at[9] = TTL;
    dns_set16(at + 10, (unsigned)size);
    memcpy(at + 12, data, size);
    answer->size += 12 + size;
    dns_set16(answer->data + 6, dns_get16(answer->data + 6) + 1u);
    return true;
}

void dns_answer_address(struct dns_answer *answer, const struct net_address *address)
{
    dns_answer_record(answer, address->family == AF_INET6 ? DNS_AAAA : DNS_A, address->bytes,
                      net_address_size(address));
}

void dns_answer_name(struct dns_answer *answer, const char *name)
{
    uint8_t wire[256];
    size_t size = 0;

    while (*name) {
        size_t length = strcspn(name, ".");

        if (length == 0 || length > 63 || size + length + 2 > sizeof wire)
            return;
        wire[size++] = (uint8_t)length;
        memcpy(wire + size, name, length);
        size += length;
        name += length + (name[length] == '.');
    }
    wire[size++] = 0;
    dns_answer_record(answer, DNS_PTR, wire, size);
}

void dns_answer_end(struct dns_answer *answer, const struct dns_question *question)
{
    uint8_t *at = answer->data + answer->size;

    if (answer->full)
        answer->data[2] |= 2;
    if (!question->edns)
        return;
    memset(at, 0, OPT_SIZE);
    dns_set16(at + 1, DNS_OPT);
    dns_set16(at + 3, 4096);
    answer->size += OPT_SIZE;
    dns_set16(answer->data + 10, 1);
}

static bool dns_reverse_v6(const char *name, struct net_address *address)
{
    static const char digits[] = "0123456789abcdef";

    if (strlen(name) != 72 || strcmp(name + 63, ".ip6.arpa") != 0)
        return false;
    address->family = AF_INET6;
    address->prefix = 128;
    memset(address->bytes, 0, 16);
    for (int i = 0; i < 32; i++) {
        const char *digit = strchr(digits, name[2 * i]);

        if (!digit || !*digit || (i < 31 && name[2 * i + 1] != '.'))
            return false;
        address->bytes[15 - i / 2] |= (uint8_t)((digit - digits) << (i % 2 * 4));
    }
    return true;
}

bool dns_reverse_address(const char *name, struct net_address *address)
{
    unsigned part[4];
    int used = 0;

    if (sscanf(name, "%3u.%3u.%3u.%3u.in-addr.arpa%n", &part[3], &part[2], &part[1], &part[0], &used) != 4 ||
        used == 0 || name[used])
        return dns_reverse_v6(name, address);
    address->family = AF_INET;
    address->prefix = 32;
    for (int i = 0; i < 4; i++) {
        if (part[i] > 255)
            return false;
        address->bytes[i] = (uint8_t)part[i];
    }
    return true;
}
