#ifndef DNS_INTERNAL_H
#define DNS_INTERNAL_H

#include "dns-server.h"
#include "dns-wire.h"

#include <netinet/in.h>

/* Shared by dns-server.c (questions and our own answers), dns-tcp.c (clients over TCP) and dns-forward.c. */

struct dns_tcp;
struct dns_forward;

struct dns_server {
    struct dns_context context;
    struct net_watch *udp, *tcp;
    struct dns_forward *forwards;
    struct dns_tcp *clients;
    size_t forward_count, client_count;
    unsigned turn; /* rotates the order of several addresses */
};

/* Who asked: an address for UDP, a connection for TCP. */
struct dns_client {
    struct sockaddr_in from;
    struct dns_tcp *tcp;
};

/* Answers from the records or forwards. `limit`: the largest answer. */
void dns_server_question(struct dns_server *server, const struct dns_client *client, const uint8_t *packet,
                         size_t size);
void dns_server_reply(struct dns_server *server, const struct dns_client *client, const uint8_t *packet,
                      size_t size);
void dns_server_reply_code(struct dns_server *server, const struct dns_client *client, const uint8_t *packet,
                           const struct dns_question *question, enum dns_code code);

void dns_tcp_accept(struct dns_server *server);
void dns_tcp_reply(struct dns_server *server, struct dns_tcp *tcp, const uint8_t *packet, size_t size);
void dns_tcp_tick(struct dns_server *server, int64_t now);
void dns_tcp_stop(struct dns_server *server);

/* Sends the question on; the answer, or SERVFAIL after all servers have been tried, goes to the client. */
void dns_forward_question(struct dns_server *server, const struct dns_client *client, const uint8_t *packet,
                          size_t size);
/* The client is gone. */
void dns_forward_forget(struct dns_server *server, const struct dns_tcp *tcp);
void dns_forward_tick(struct dns_server *server, int64_t now);
void dns_forward_stop(struct dns_server *server);

/* Subscribes to or leaves the loop's ticks, as there is something to time out or not. */
void dns_server_schedule(struct dns_server *server);

#endif
