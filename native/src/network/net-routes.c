#include "net-routes.h"

#include "net-link.h"
#include "netlink.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void net_routes_add(struct json *json, const char *key, int family, const struct nlattr *bytes,
                           unsigned prefix, unsigned index)
{
    char address[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 4], name[IFNAMSIZ] = "";

    if (netlink_size(bytes) < (family == AF_INET6 ? 16 : 4) ||
        !inet_ntop(family, netlink_data(bytes), address, sizeof address))
        return;
    snprintf(text, sizeof text, "%s/%u", address, prefix);
    if (index)
        if_indextoname(index, name);
    json_object_begin(json, NULL);
    json_string(json, key, text);
    json_string(json, "dev", name);
    json_object_end(json);
}

static void net_routes_route(const struct nlmsghdr *message, void *context)
{
    const struct rtmsg *head = NLMSG_DATA(message);
    const struct nlattr *route[RTA_MAX + 1];
    uint32_t index = 0;

    if (head->rtm_type != RTN_UNICAST || (head->rtm_family != AF_INET && head->rtm_family != AF_INET6))
        return;
    netlink_parse(RTM_RTA(head), RTM_PAYLOAD(message), route, RTA_MAX);
    if (!route[RTA_DST]) /* the default route overlaps nothing */
        return;
    if (route[RTA_OIF] && netlink_size(route[RTA_OIF]) == sizeof index)
        memcpy(&index, netlink_data(route[RTA_OIF]), sizeof index);
    net_routes_add(context, "dst", head->rtm_family, route[RTA_DST], head->rtm_dst_len, index);
}

static void net_routes_address(const struct nlmsghdr *message, void *context)
{
    const struct ifaddrmsg *head = NLMSG_DATA(message);
    const struct nlattr *address[IFA_MAX + 1];

    netlink_parse(IFA_RTA(head), IFA_PAYLOAD(message), address, IFA_MAX);
    if (address[IFA_LOCAL] || address[IFA_ADDRESS])
        net_routes_add(context, "address", head->ifa_family,
                       address[IFA_LOCAL] ? address[IFA_LOCAL] : address[IFA_ADDRESS], head->ifa_prefixlen,
                       head->ifa_index);
}

static int net_routes_dump(int fd, uint16_t type, const void *head, size_t size, netlink_receive *receive,
                           struct json *json)
{
    struct netlink_buffer buffer = {0};
    int result;

    netlink_begin(&buffer, type, NLM_F_DUMP, head, size);
    result = netlink_dump(fd, &buffer, receive, json);
    netlink_free(&buffer);
    return result;
}

int net_routes_list(struct json *json)
{
    struct rtmsg route = {.rtm_family = AF_UNSPEC};
    struct ifaddrmsg address = {.ifa_family = AF_UNSPEC};
    int fd = netlink_open(NETLINK_ROUTE);
    int result;

    if (fd < 0)
        return -1;
    json_array_begin(json, "routes");
    result = net_routes_dump(fd, RTM_GETROUTE, &route, sizeof route, net_routes_route, json);
    json_array_end(json);
    json_array_begin(json, "addresses");
    if (result == 0)
        result = net_routes_dump(fd, RTM_GETADDR, &address, sizeof address, net_routes_address, json);
    json_array_end(json);
    close(fd);
    return result;
}
