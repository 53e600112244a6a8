#ifndef NETLINK_H
#define NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Netlink messages for rtnetlink and nf_tables: a buffer of requests under construction, and a socket that
 * sends them in one go and collects the acknowledgements. */

struct netlink_buffer {
    char *data;
    size_t size, capacity;
    size_t message; /* offset of the message under construction */
    uint32_t count; /* messages so far; their sequence numbers count from 1 */
};

/* A message with the family's own header. NLM_F_REQUEST is added. */
void netlink_begin(struct netlink_buffer *buffer, uint16_t type, uint16_t flags, const void *header,
                   size_t size);
void netlink_put(struct netlink_buffer *buffer, uint16_t type, const void *data, size_t size);
void netlink_put_u8(struct netlink_buffer *buffer, uint16_t type, uint8_t value);
void netlink_put_u32(struct netlink_buffer *buffer, uint16_t type, uint32_t value);
/* Big endian, as nf_tables wants its numbers. */
void netlink_put_be32(struct netlink_buffer *buffer, uint16_t type, uint32_t value);
void netlink_put_string(struct netlink_buffer *buffer, uint16_t type, const char *text);
size_t netlink_nest(struct netlink_buffer *buffer, uint16_t type);
void netlink_end_nest(struct netlink_buffer *buffer, size_t nest);
void netlink_free(struct netlink_buffer *buffer);

/* A socket in the calling thread's network namespace; -1 with errno. */
int netlink_open(int protocol);

/* Sends the buffer and waits for one acknowledgement of every message that asked for one (NLM_F_ACK). 0, or
 * -1 with errno of the first that failed; `failed` (may be NULL) is its number, counted from 0. */
int netlink_transact(int fd, const struct netlink_buffer *buffer, uint32_t *failed);

struct nlmsghdr;
typedef void netlink_receive(const struct nlmsghdr *message, void *context);
/* Sends one dump request and calls `receive` for every message of the answer. */
int netlink_dump(int fd, const struct netlink_buffer *buffer, netlink_receive *receive, void *context);

struct nlattr;
/* Fills table[0..max] with the attributes of `data`; unknown ones are left out. */
void netlink_parse(const void *data, size_t size, const struct nlattr **table, uint16_t max);
const void *netlink_data(const struct nlattr *attribute);
size_t netlink_size(const struct nlattr *attribute);

#endif
