#include "cleanup.h"
#include "json.h"
#include "memory.h"
#include "net-nft.h"
#include "net-operations.h"
#include "operations.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int operation_nft_chains(const struct request *request, int reply)
{
    static const char *const keys[] = {"table", NULL};
    struct failure failure;
    struct json json = {0};
    const char *table;

    if (proto_check_keys(request, keys, &failure) || proto_require(request, "table", &table, &failure))
        return operation_failed(request, reply, &failure);
    json_reply_begin(&json, request->id);
    if (nft_list_chains(table, &json)) {
        fail(&failure, STAGE_NETWORK, errno, "cannot read the host's nftables");
        return operation_failed(request, reply, &failure);
    }
    json_object_end(&json);
    json_write_line(&json, reply);
    json_free(&json);
    return 0;
}

static bool parse_hex(const char *text, uint8_t data[NET_NFT_DATA_MAX], size_t *size)
{
    size_t length = strlen(text);

    if (length % 2 || length / 2 > NET_NFT_DATA_MAX || strspn(text, "0123456789abcdef") != length)
        return false;
    for (*size = 0; *size < length / 2; ++*size) {
        unsigned byte;

        sscanf(text + 2 * *size, "%2x", &byte);
        data[*size] = (uint8_t)byte;
    }
    return true;
}

/* `SET KEYHEX [DATAHEX]`; `name` gets the set's name. */
static bool parse_element(const char *text, char name[64], struct nft_element *element)
{
    char key[2 * NET_NFT_DATA_MAX + 1], data[2 * NET_NFT_DATA_MAX + 1] = "";

    memset(element, 0, sizeof *element);
    element->set = name;
    return sscanf(text, "%63s %128s %128s", name, key, data) >= 2 &&
           parse_hex(key, element->key, &element->key_size) &&
           parse_hex(data, element->data, &element->data_size);
}

/* All elements of the request that come as `key`, in one transaction. */
static int change_elements(const struct request *request, const char *table, const char *key,
                           int (*change)(const char *, const struct nft_element *, size_t),
                           struct failure *failure)
{
    struct nft_element *elements = memory_allocate(request->count, sizeof *elements);
    char(*names)[64] = memory_allocate(request->count, sizeof *names);
    size_t count = 0;
    int result = 0;

    for (size_t i = 0; i < request->count && result == 0; i++) {
        if (strcmp(request->pairs[i].key, key) != 0)
            continue;
        if (parse_element(request->pairs[i].value, names[count], &elements[count]))
            count++;
        else
            result = fail(failure, STAGE_REQUEST, EINVAL, "%s: \"%.200s\" is not an element", key,
                          request->pairs[i].value);
    }
    if (result == 0 && change(table, elements, count))
        result =
            fail(failure, STAGE_NETWORK, errno, "cannot change elements of nftables table inet %.60s", table);
    free(elements);
    free(names);
    return result;
}

int operation_nft_elements(const struct request *request, int reply)
{
    static const char *const keys[] = {"table", "add", "del", NULL};
    struct failure failure;
    const char *table;

    if (proto_check_keys(request, keys, &failure) || proto_require(request, "table", &table, &failure) ||
        change_elements(request, table, "del", nft_remove_elements, &failure) ||
        change_elements(request, table, "add", nft_add_elements, &failure))
        return operation_failed(request, reply, &failure);
    return operation_done(request, reply, "changed", (int64_t)request->count - 1);
}

/* `FAMILY TABLE CHAIN HANDLE` */
static int remove_rule(const char *text, struct failure *failure)
{
    struct nft_rule rule;
    char family[8];
    unsigned long long handle;

    if (sscanf(text, "%7s %63s %63s %llu", family, rule.table, rule.chain, &handle) != 4)
        return fail(failure, STAGE_REQUEST, EINVAL, "rule: \"%.200s\" is not a rule", text);
    rule.family = family;
    rule.handle = handle;
    if (nft_remove_rule(&rule))
        return fail(failure, STAGE_NETWORK, errno, "cannot remove our rule from nftables table %s %s", family,
                    rule.table);
    return 0;
}

int operation_nft_remove(const struct request *request, int reply)
{
    static const char *const keys[] = {"table", "rule", NULL};
    CLEANUP_FD int fd = -1; /* closed after the reply */
    struct failure failure;
    const char *table;

    if (proto_check_keys(request, keys, &failure) || proto_require(request, "table", &table, &failure))
        return operation_failed(request, reply, &failure);
    if (nft_remove_table(table, &fd)) {
        fail(&failure, STAGE_NETWORK, errno, "cannot remove nftables table inet %.60s", table);
        return operation_failed(request, reply, &failure);
    }
    for (size_t i = 0; i < request->count; i++)
        if (strcmp(request->pairs[i].key, "rule") == 0 && remove_rule(request->pairs[i].value, &failure))
            return operation_failed(request, reply, &failure);
    return operation_done(request, reply, "removed", 1);
}
