#include "netlink.h"

#include "memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void *netlink_grow(struct netlink_buffer *buffer, size_t size)
{
    size_t aligned = NLMSG_ALIGN(size);
    char *start;

    if (buffer->size + aligned > buffer->capacity) {
        buffer->capacity = (buffer->size + aligned) * 2;
        buffer->data = memory_resize(buffer->data, buffer->capacity, 1);
    }
    start = buffer->data + buffer->size;
    memset(start, 0, aligned);
    buffer->size += aligned;
    return start;
}

static void netlink_set_length(struct netlink_buffer *buffer)
{
    struct nlmsghdr head;

    memcpy(&head, buffer->data + buffer->message, sizeof head);
    head.nlmsg_len = (uint32_t)(buffer->size - buffer->message);
    memcpy(buffer->data + buffer->message, &head, sizeof head);
}

void netlink_begin(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, const void *header,
                   size_t size)
{
    struct nlmsghdr head = {
        .nlmsg_type = type, .nlmsg_flags = flags | NLM_F_REQUEST, .nlmsg_seq = ++buffer->count};

    buffer->message = buffer->size;
    memcpy(netlink_grow(buffer, sizeof head), &head, sizeof head);
    memcpy(netlink_grow(buffer, size), header, size);
    netlink_set_length(buffer);
}

void netlink_put(struct netlink_buffer *buffer, uint16_t type, const void *data, size_t size)
{
    struct nlattr head = {.nla_type = type, .nla_len = (uint16_t)(NLA_HDRLEN + size)};
    char *start = netlink_grow(buffer, NLA_HDRLEN + size);

    memcpy(start, &head, sizeof head);
    if (size)
        memcpy(start + NLA_HDRLEN, data, size);
    netlink_set_length(buffer);
}

void netlink_put_u8(struct netlink_buffer *buffer, uint16_t type, uint8_t value)
{
    netlink_put(buffer, type, &value, sizeof value);
}

void netlink_put_u32(struct netlink_buffer *buffer, uint16_t type, uint32_t value)
{
    netlink_put(buffer, type, &value, sizeof value);
}

void netlink_put_be32(struct netlink_buffer *buffer, uint16_t type, uint32_t value)
{
    netlink_put_u32(buffer, type, htonl(value));
}

void netlink_put_string(struct netlink_buffer *buffer, uint16_t type, const char *text)
{
    netlink_put(buffer, type, text, strlen(text) + 1);
}

size_t netlink_nest(struct netlink_buffer *buffer, uint16_t type)
{
    size_t nest = buffer->size;

    netlink_put(buffer, type | NLA_F_NESTED, NULL, 0);
    return nest;
}

void netlink_end_nest(struct netlink_buffer *buffer, size_t nest)
{
    struct nlattr head;

    memcpy(&head, buffer->data + nest, sizeof head);
    head.nla_len = (uint16_t)(buffer->size - nest);
    memcpy(buffer->data + nest, &head, sizeof head);
}

void netlink_free(struct netlink_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct netlink_buffer){0};
}

int netlink_open(int protocol)
{
    int one = 1;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

    /* Without the request's copy an acknowledgement is a few bytes, however large the request was. */
    if (fd >= 0)
        setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
    return fd;
}

static int netlink_send(int fd, const struct netlink_buffer *buffer)
{
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    int room = (int)(2 * buffer->size);
    ssize_t sent;

    /* A transaction goes out in one piece or not at all. */
    if (buffer->size > 65536)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    do
        sent = sendto(fd, buffer->data, buffer->size, 0, (struct sockaddr *)&kernel, sizeof kernel);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -1 : 0;
}

/* NULL: errno says why. Valid until the next call with the same storage. */
static const struct nlmsghdr *netlink_read(int fd, char *storage, size_t capacity, size_t *size)
{
    ssize_t got;

    do
        got = recv(fd, storage, capacity, MSG_TRUNC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return NULL;
    if ((size_t)got > capacity) {
        errno = EMSGSIZE;
        return NULL;
    }
    *size = (size_t)got;
    return (const struct nlmsghdr *)(const void *)storage;
}

static uint32_t netlink_expected(const struct netlink_buffer *buffer)
{
    uint32_t expected = 0;

    for (size_t at = 0; at + sizeof(struct nlmsghdr) <= buffer->size;) {
        struct nlmsghdr head;

        memcpy(&head, buffer->data + at, sizeof head);
        if (head.nlmsg_flags & NLM_F_ACK)
            expected++;
        at += NLMSG_ALIGN(head.nlmsg_len);
    }
    return expected;
}

int netlink_transact(int fd, const struct netlink_buffer *buffer, uint32_t *failed)
{
    _Alignas(struct nlmsghdr) char storage[16384];
    uint32_t expected = netlink_expected(buffer);
    bool first_acked = ((const struct nlmsghdr *)(const void *)buffer->data)->nlmsg_flags & NLM_F_ACK;
    int first = 0;

    if (netlink_send(fd, buffer))
        return -1;
    while (expected > 0) {
        size_t size;
        const struct nlmsghdr *head = netlink_read(fd, storage, sizeof storage, &size);

        if (!head)
            return -1;
        for (; NLMSG_OK(head, size); head = NLMSG_NEXT(head, size)) {
            const struct nlmsgerr *answer = NLMSG_DATA(head);

            if (head->nlmsg_type != NLMSG_ERROR)
                continue;
            if (answer->error && !first) {
                first = -answer->error;
                if (failed)
                    *failed = head->nlmsg_seq - 1;
            }
            /* A batch of nf_tables that fails as a whole is answered once, for the message that begins it. */
            expected = head->nlmsg_seq == 1 && !first_acked ? 0 : expected - 1;
            if (expected == 0)
                break;
        }
    }
    errno = first;
    return first ? -1 : 0;
}

int netlink_dump(int fd, const struct netlink_buffer *buffer, netlink_receive *receive, void *context)
{
    enum { CAPACITY = 65536 };
    char *storage;
    int result = 1;

    if (netlink_send(fd, buffer))
        return -1;
    storage = memory_allocate(1, CAPACITY);
    while (result > 0) {
        size_t size;
        const struct nlmsghdr *head = netlink_read(fd, storage, CAPACITY, &size);

        if (!head)
            result = -1;
        for (; head && result > 0 && NLMSG_OK(head, size); head = NLMSG_NEXT(head, size)) {
            if (head->nlmsg_type == NLMSG_DONE) {
                result = 0;
            } else if (head->nlmsg_type == NLMSG_ERROR) {
                errno = -((const struct nlmsgerr *)NLMSG_DATA(head))->error;
                result = errno ? -1 : 0;
            } else {
                receive(head, context);
            }
        }
    }
    free(storage);
    return result;
}

void netlink_parse(const void *data, size_t size, const struct nlattr **table, uint16_t max)
{
    const char *at = data;

    memset(table, 0, (max + 1u) * sizeof *table);
    while (size >= NLA_HDRLEN) {
        const struct nlattr *attribute = (const struct nlattr *)(const void *)at;
        uint16_t type = attribute->nla_type & NLA_TYPE_MASK;
        size_t step = NLA_ALIGN(attribute->nla_len);

        if (attribute->nla_len < NLA_HDRLEN || attribute->nla_len > size)
            return;
        if (type <= max)
            table[type] = attribute;
        if (step >= size)
            return;
        at += step;
        size -= step;
    }
}

const void *netlink_data(const struct nlattr *attribute)
{
    return (const char *)attribute + NLA_HDRLEN;
}

size_t netlink_size(const struct nlattr *attribute)
{
    return attribute->nla_len - NLA_HDRLEN;
}
