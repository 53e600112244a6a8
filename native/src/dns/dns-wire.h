#ifndef DNS_WIRE_H
#define DNS_WIRE_H

#include "net-link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Questions and answers as RFC 1035 and 6891 have them. */

enum { DNS_HEADER_SIZE = 12, DNS_MAX_MESSAGE = 65535, DNS_MIN_UDP = 512 };
enum dns_type { DNS_A = 1, DNS_PTR = 12, DNS_AAAA = 28, DNS_OPT = 41, DNS_ANY = 255 };
enum dns_code {
    DNS_NOERROR = 0,
    DNS_FORMERR = 1,
    DNS_SERVFAIL = 2,
    DNS_NXDOMAIN = 3,
    DNS_NOTIMP = 4,
    DNS_REFUSED = 5
};

struct dns_question {
    uint16_t id;
    uint16_t type, class;
    char name[256]; /* labels joined by dots, in lower case, without the last dot */
    size_t name_size;
    bool plain;     /* no label holds a dot or a byte that is no part of a host name */
    size_t end;     /* offset behind the question */
    bool recursion; /* RD */
    bool edns;
    uint16_t udp_size; /* the largest answer the client takes over UDP */
};

/* 0, or the code to answer with; -1: not even an answer is due (no header, or it is an answer itself). */
int dns_parse(const uint8_t *packet, size_t size, struct dns_question *question);
/* The answer `packet` has the same question and id. */
bool dns_matches(const uint8_t *packet, size_t size, const uint8_t *query, size_t query_size);
unsigned dns_code(const uint8_t *packet);

/* An answer under construction in `data`. */
struct dns_answer {
    uint8_t *data;
    size_t size, capacity;
    bool full; /* something did not fit: the answer is marked truncated */
};

/* Header and question copied from `query`. `authoritative`: AA. */
void dns_answer_begin(struct dns_answer *answer, const uint8_t *query, const struct dns_question *question,
                      enum dns_code code, bool authoritative);
void dns_answer_address(struct dns_answer *answer, const struct net_address *address);
void dns_answer_name(struct dns_answer *answer, const char *name);
/* Adds the OPT record when the question had one. */
void dns_answer_end(struct dns_answer *answer, const struct dns_question *question);

/* The address that `4.3.2.1.in-addr.arpa` or its IPv6 form asks for. */
bool dns_reverse_address(const char *name, struct net_address *address);

#endif
