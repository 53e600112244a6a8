#include "net-port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EPHEMERAL_TRIES = 64 };

/* A socket of both families for every address: one fd a port. */
static int net_port_bind(const struct net_publish *publish, int family, uint16_t *port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(*port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(*port)};
    struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    socklen_t length = family == AF_INET ? sizeof v4 : sizeof v6;
    int type = publish->protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
    int one = 1, only_v6 = publish->host.family == AF_INET6, error;
    int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, publish->protocol);

    if (fd < 0)
        return -1;
    if (publish->host.family == AF_INET)
        v4.sin_addr = publish->host.v4;
    else if (publish->host.family == AF_INET6)
        v6.sin6_addr = publish->host.v6;
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
    /* Connections of an earlier holder that wait out their end are no obstacle; since it listens, the socket
     * still excludes everyone else. */
    if (publish->protocol == IPPROTO_TCP)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, address, length) == 0 && (publish->protocol != IPPROTO_TCP || listen(fd, 1024) == 0) &&
        getsockname(fd, address, &length) == 0) {
        *port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
        return fd;
    }
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* The host may lack the protocol (SCTP is a module) or IPv6: then nobody else can have the port either. */
static bool net_port_needless(int error)
{
    return error == EPROTONOSUPPORT || error == ESOCKTNOSUPPORT || error == EAFNOSUPPORT;
}

static int net_port_try(struct net_publish *publish, uint16_t port)
{
    bool any = publish->host.family == 0;

    publish->port = port;
    publish->held =
        net_port_bind(publish, publish->host.family == AF_INET ? AF_INET : AF_INET6, &publish->port);
    if (publish->held < 0 && any && (net_port_needless(errno) || errno == EADDRNOTAVAIL))
        publish->held = net_port_bind(publish, AF_INET, &publish->port);
    if (publish->held >= 0 || (net_port_needless(errno) && publish->port))
        return 0;
    return -1;
}

int net_port_hold(struct net_publish *publish, struct failure *failure)
{
    char host[INET6_ADDRSTRLEN];
    bool chosen = publish->first == 0;
    unsigned tries = chosen ? EPHEMERAL_TRIES : (unsigned)(publish->last - publish->first) + 1;

    for (unsigned i = 0; i < tries; i++) {
        if (net_port_try(publish, chosen ? 0 : (uint16_t)(publish->first + i)) == 0)
            return 0;
        if (errno != EADDRINUSE)
            break;
    }
    if (errno == EMFILE)
        return fail(
            failure, STAGE_NETWORK, errno,
            "too many published ports: each takes an open file, and the limit of them (RLIMIT_NOFILE) "
            "is reached");
    if (errno == EADDRINUSE && publish->last > publish->first)
        return fail(failure, STAGE_NETWORK, errno, "no host port from %u to %u/%s is free", publish->first,
                    publish->last, net_protocol_name(publish->protocol));
    net_address_text(&publish->host, host);
    return fail(failure, STAGE_NETWORK, errno, "host port %s%s%u%s/%s cannot be taken",
                publish->host.family ? host : "", publish->host.family ? ":" : "", publish->first,
                publish->last > publish->first ? " and those after it" : "",
                net_protocol_name(publish->protocol));
}

int net_port_hold_again(struct net_publish *publish, struct failure *failure)
{
    uint16_t first = publish->first, last = publish->last;
    int result;

    publish->first = publish->last = publish->port;
    result = net_port_hold(publish, failure);
    publish->first = first;
    publish->last = last;
    return result;
}

void net_port_drop(struct net_publish *publish)
{
    if (publish->held >= 0)
        close(publish->held);
    publish->held = -1;
}

/* Every part of a concatenation begins at a multiple of four bytes. */
static void net_port_append(uint8_t *data, size_t *size, const void *part, size_t part_size)
{
    memcpy(data + *size, part, part_size);
    *size += (part_size + 3) & ~(size_t)3;
}

/* 0.0.0.0 and `::` are every address of one family, a missing address is every address of both. */
static bool net_port_is_any(const struct net_address *host)
{
    static const uint8_t none[16];

    return !host->family || memcmp(host->bytes, none, net_address_size(host)) == 0;
}

static void net_port_element(const struct net_publish *publish, const struct net_address *target,
                             struct nft_element *element)
{
    uint16_t port = htons(publish->port), to = htons(publish->target);
    bool v6 = target->family == AF_INET6, any = net_port_is_any(&publish->host);

    memset(element, 0, sizeof *element);
    if (!any)
        net_port_append(element->key, &element->key_size, publish->host.bytes,
                        net_address_size(&publish->host));
    net_port_append(element->key, &element->key_size, &publish->protocol, 1);
    net_port_append(element->key, &element->key_size, &port, 2);
    net_port_append(element->data, &element->data_size, target->bytes, net_address_size(target));
    net_port_append(element->data, &element->data_size, &to, 2);
    if (any)
        element->set = v6 ? "any6" : "any4";
    else
        element->set = v6 ? "at6" : "at4";
}

size_t net_port_elements(const struct net_publish *publish, const struct net_target *target,
                         struct nft_element elements[2])
{
    int host = publish->host.family;
    size_t count = 0;

    if (target->v4.family && host != AF_INET6)
        net_port_element(publish, &target->v4, &elements[count++]);
    if (target->v6.family && host != AF_INET)
        net_port_element(publish, &target->v6, &elements[count++]);
    return count;
}

int net_port_record(int root, const char *container, size_t index, const struct net_holder *holder,
                    const struct net_publish *publish, const struct net_target *target)
{
    char path[NET_RECORD_MAX], text[NET_RECORD_MAX], host[INET6_ADDRSTRLEN], v4[INET6_ADDRSTRLEN],
        v6[INET6_ADDRSTRLEN];

    snprintf(path, sizeof path, "port/%s/%zu", container, index);
    snprintf(text, sizeof text, "%d %" PRIu64 " %s %s %u %u %s %s", (int)holder->pid, holder->start,
             net_protocol_name(publish->protocol),
             publish->host.family ? net_address_text(&publish->host, host) : "*", publish->port,
             publish->target, net_address_text(&target->v4, v4), net_address_text(&target->v6, v6));
    return net_record_write(root, path, text);
}

void net_port_forget(int root, const char *container, size_t index)
{
    char path[NET_RECORD_MAX];

    snprintf(path, sizeof path, "port/%s/%zu", container, index);
    net_record_remove(root, path);
}

size_t net_port_parse(const char *text, struct nft_element elements[2])
{
    char protocol[8], host[INET6_ADDRSTRLEN], v4[INET6_ADDRSTRLEN], v6[INET6_ADDRSTRLEN];
    struct net_publish publish = {0};
    struct net_target target = {0};
    unsigned port, to;

    if (sscanf(text, "%7s %45s %u %u %45s %45s", protocol, host, &port, &to, v4, v6) != 6)
        return 0;
    publish.protocol = net_protocol_number(protocol);
    publish.port = (uint16_t)port;
    publish.target = (uint16_t)to;
    net_address_parse(host, &publish.host);
    net_address_parse(v4, &target.v4);
    net_address_parse(v6, &target.v6);
    return net_port_elements(&publish, &target, elements);
}
