#include "net-link.h"

#include "cleanup.h"
#include "netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

bool net_address_parse(const char *text, struct net_address *address)
{
    char copy[INET6_ADDRSTRLEN + 5];
    char *slash, *end;
    unsigned long prefix;

    memset(address, 0, sizeof *address);
    if (strlen(text) >= sizeof copy)
        return false;
    strcpy(copy, text);
    slash = strchr(copy, '/');
    if (slash)
        *slash++ = '\0';
    address->family = strchr(copy, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(address->family, copy, address->bytes) != 1) {
        address->family = 0;
        return false;
    }
    address->prefix = (unsigned)net_address_size(address) * 8;
    if (!slash)
        return true;
    prefix = strtoul(slash, &end, 10);
    if (end == slash || *end || prefix > address->prefix) {
        address->family = 0;
        return false;
    }
    address->prefix = (unsigned)prefix;
    return true;
}

const char *net_address_text(const struct net_address *address, char text[INET6_ADDRSTRLEN])
{
    if (!address->family || !inet_ntop(address->family, address->bytes, text, INET6_ADDRSTRLEN))
        strcpy(text, "-");
    return text;
}

size_t net_address_size(const struct net_address *address)
{
    return address->family == AF_INET6 ? 16 : 4;
}

bool net_mac_parse(const char *text, uint8_t mac[6])
{
    unsigned byte[6];
    int used = 0;

    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3], &byte[4], &byte[5],
               &used) != 6 ||
        text[used])
        return false;
    for (int i = 0; i < 6; i++)
        mac[i] = (uint8_t)byte[i];
    return true;
}

static int net_link_send(int fd, struct netlink_buffer *buffer)
{
    int result = netlink_transact(fd, buffer, NULL);
    int error = errno;

    netlink_free(buffer);
    errno = error;
    return result;
}

/* No link-local address of its own: the interface only carries frames, and every address costs multicast. */
static void net_link_put_quiet(struct netlink_buffer *buffer)
{
    size_t families = netlink_nest(buffer, IFLA_AF_SPEC);
    size_t inet6 = netlink_nest(buffer, AF_INET6);

    netlink_put_u8(buffer, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
    netlink_end_nest(buffer, inet6);
    netlink_end_nest(buffer, families);
}

int net_link_add_bridge(int fd, const struct net_bridge *bridge)
{
    struct netlink_buffer buffer = {0};
    struct ifinfomsg head = {.ifi_family = AF_UNSPEC};
    size_t info;

    netlink_begin(&buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, &head, sizeof head);
    netlink_put_string(&buffer, IFLA_IFNAME, bridge->name);
    /* An address given by hand stays; else the bridge would take another with every port, and peers' ARP
     * entries would be wrong for a minute. */
    netlink_put(&buffer, IFLA_ADDRESS, bridge->mac, 6);
    if (bridge->mtu)
        netlink_put_u32(&buffer, IFLA_MTU, bridge->mtu);
    info = netlink_nest(&buffer, IFLA_LINKINFO);
    netlink_put_string(&buffer, IFLA_INFO_KIND, "bridge");
    netlink_end_nest(&buffer, info);
    return net_link_send(fd, &buffer);
}

/* A veth uses one queue unless told otherwise. Made with one a processor it first has to give up the others,
 * and under the lock of all interfaces that waits for an RCU grace period. */
static void net_link_put_one_queue(struct netlink_buffer *buffer)
{
    netlink_put_u32(buffer, IFLA_NUM_TX_QUEUES, 1);
    netlink_put_u32(buffer, IFLA_NUM_RX_QUEUES, 1);
}

static void net_link_put_peer(struct netlink_buffer *buffer, const struct net_veth *veth)
{
    struct ifinfomsg head = {.ifi_family = AF_UNSPEC};
    size_t info = netlink_nest(buffer, IFLA_LINKINFO), data, peer;

    netlink_put_string(buffer, IFLA_INFO_KIND, "veth");
    data = netlink_nest(buffer, IFLA_INFO_DATA);
    peer = buffer->size;
    netlink_put(buffer, VETH_INFO_PEER, &head, sizeof head);
    netlink_put_string(buffer, IFLA_IFNAME, veth->peer);
    netlink_put(buffer, IFLA_ADDRESS, veth->mac, 6);
    if (veth->mtu)
        netlink_put_u32(buffer, IFLA_MTU, veth->mtu);
    net_link_put_one_queue(buffer);
    netlink_put_u32(buffer, IFLA_NET_NS_FD, (uint32_t)veth->peer_ns);
    netlink_end_nest(buffer, peer);
    netlink_end_nest(buffer, data);
    netlink_end_nest(buffer, info);
}

static void net_link_put_port(struct netlink_buffer *buffer, const struct net_veth *veth, unsigned index)
{
    struct ifinfomsg head = {.ifi_family = AF_BRIDGE, .ifi_index = (int)index};
    size_t port;

    netlink_begin(buffer, RTM_SETLINK, NLM_F_ACK, &head, sizeof head);
    port = netlink_nest(buffer, IFLA_PROTINFO);
    if (veth->isolated)
        netlink_put_u8(buffer, IFLA_BRPORT_ISOLATED, 1);
    if (veth->hairpin)
        netlink_put_u8(buffer, IFLA_BRPORT_MODE, 1);
    netlink_end_nest(buffer, port);
}

int net_link_add_veth(int fd, const struct net_veth *veth)
{
    struct netlink_buffer buffer = {0};
    struct ifinfomsg head = {.ifi_family = AF_UNSPEC}, up = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};

    netlink_begin(&buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, &head, sizeof head);
    netlink_put_string(&buffer, IFLA_IFNAME, veth->host);
    netlink_put_u32(&buffer, IFLA_MASTER, veth->bridge);
    if (veth->mtu)
        netlink_put_u32(&buffer, IFLA_MTU, veth->mtu);
    net_link_put_one_queue(&buffer);
    net_link_put_peer(&buffer, veth);
    if (net_link_send(fd, &buffer))
        return -1;
    netlink_begin(&buffer, RTM_SETLINK, NLM_F_ACK, &head, sizeof head);
    netlink_put_string(&buffer, IFLA_IFNAME, veth->host);
    net_link_put_quiet(&buffer);
    /* A host without IPv6 refuses this, and has nothing to be kept quiet. */
    if (net_link_send(fd, &buffer) && errno != EAFNOSUPPORT && errno != EOPNOTSUPP)
        return -1;
    up.ifi_index = (int)net_link_index(veth->host);
    netlink_begin(&buffer, RTM_SETLINK, NLM_F_ACK, &up, sizeof up);
    if (net_link_send(fd, &buffer))
        return -1;
    if (!veth->isolated && !veth->hairpin)
        return 0;
    net_link_put_port(&buffer, veth, net_link_index(veth->host));
    return net_link_send(fd, &buffer);
}

int net_link_set_hairpin(int fd, const char *name)
{
    const struct net_veth hairpin = {.hairpin = true};
    struct netlink_buffer buffer = {0};
    unsigned index = net_link_index(name);

    if (!index)
        return -1;
    net_link_put_port(&buffer, &hairpin, index);
    return net_link_send(fd, &buffer);
}

int net_link_remove(int fd, const char *name)
{
    struct netlink_buffer buffer = {0};
    struct ifinfomsg head = {.ifi_family = AF_UNSPEC};

    netlink_begin(&buffer, RTM_DELLINK, NLM_F_ACK, &head, sizeof head);
    netlink_put_string(&buffer, IFLA_IFNAME, name);
    return net_link_send(fd, &buffer);
}

int net_link_up(int fd, unsigned index)
{
    struct netlink_buffer buffer = {0};
    struct ifinfomsg head = {
        .ifi_family = AF_UNSPEC, .ifi_index = (int)index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};

    netlink_begin(&buffer, RTM_NEWLINK, NLM_F_ACK, &head, sizeof head);
    return net_link_send(fd, &buffer);
}

int net_link_add_address(int fd, unsigned index, const struct net_address *address)
{
    struct netlink_buffer buffer = {0};
    struct ifaddrmsg head = {.ifa_family = (uint8_t)address->family,
                             .ifa_prefixlen = (uint8_t)address->prefix,
                             .ifa_index = index};

    if (address->family == AF_INET && (ntohl(address->v4.s_addr) >> 16) == 0xa9fe)
        head.ifa_scope = RT_SCOPE_LINK;
    netlink_begin(&buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, &head, sizeof head);
    netlink_put(&buffer, IFA_LOCAL, address->bytes, net_address_size(address));
    netlink_put(&buffer, IFA_ADDRESS, address->bytes, net_address_size(address));
    if (address->family == AF_INET && address->prefix < 31) {
        uint32_t broadcast = address->v4.s_addr | htonl(0xffffffffu >> address->prefix);

        netlink_put(&buffer, IFA_BROADCAST, &broadcast, sizeof broadcast);
    }
    /* The allocator knows that nobody else has it: no second of waiting for duplicate address detection. */
    if (address->family == AF_INET6)
        netlink_put_u32(&buffer, IFA_FLAGS, IFA_F_NODAD | IFA_F_PERMANENT);
    return net_link_send(fd, &buffer);
}

int net_link_add_default(int fd, unsigned index, const struct net_address *gateway)
{
    struct netlink_buffer buffer = {0};
    struct rtmsg head = {.rtm_family = (uint8_t)gateway->family,
                         .rtm_table = RT_TABLE_MAIN,
                         .rtm_protocol = RTPROT_BOOT,
                         .rtm_scope = RT_SCOPE_UNIVERSE,
                         .rtm_type = RTN_UNICAST};

    netlink_begin(&buffer, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK, &head, sizeof head);
    netlink_put(&buffer, RTA_GATEWAY, gateway->bytes, net_address_size(gateway));
    netlink_put_u32(&buffer, RTA_OIF, index);
    return net_link_send(fd, &buffer);
}

unsigned net_link_index(const char *name)
{
    /* The C library's says ENOENT when it cannot open a socket. */
    CLEANUP_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {0};

    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    return fd < 0 || ioctl(fd, SIOCGIFINDEX, &request) < 0 ? 0 : (unsigned)request.ifr_ifindex;
}
