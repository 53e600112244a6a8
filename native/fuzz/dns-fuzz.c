#include "dns-wire.h"

#include <stdlib.h>
#include <string.h>

static void check_answer(const uint8_t *query, size_t size, const struct dns_question *question, size_t limit)
{
    uint8_t *data = malloc(limit);
    struct dns_answer answer = {.data = data, .capacity = limit};
    struct net_address address;

    if (question->end + 11 > limit || !net_address_parse("fd00::1", &address)) {
        free(data);
        return;
    }
    dns_answer_begin(&answer, query, question, DNS_NOERROR, true);
    for (int i = 0; i < 40; i++)
        dns_answer_address(&answer, &address);
    dns_answer_name(&answer, question->name);
    dns_answer_end(&answer, question);
    if (answer.size > limit || !dns_matches(data, answer.size, query, size))
        abort();
    free(data);
}

/* A datagram from a container, and one that claims to answer it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dns_question question;
    struct net_address address;
    uint8_t *query = malloc(size ? size : 1);
    int code;

    memcpy(query, data, size);
    code = dns_parse(query, size, &question);
    if (code >= 0 && question.end > size)
        abort();
    if (code == DNS_NOERROR) {
        check_answer(query, size, &question, 512);
        check_answer(query, size, &question, 4096);
        dns_reverse_address(question.name, &address);
    }
    dns_matches(query, size, data, size);
    free(query);
    return 0;
}
