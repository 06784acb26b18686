/* Walking over the headers of a packet: a cursor that is checked at each step, so that the verifier can
 * follow it and a cut packet ends the walk. Each take_ function steps over what it returns.
 */
#pragma once

#include "headers.bpf.h"

struct cursor {
  void *at;
  void *end;
};

static __always_inline void *take_bytes(struct cursor *cursor, __u32 size)
{
  void *at = cursor->at;

  if (at + size > cursor->end)
    return NULL;
  cursor->at = at + size;
  return at;
}

/* The header at the cursor; NULL if the packet ends before it does. */
#define take(cursor, type) ((type *)take_bytes(cursor, sizeof(type)))

/* The Ethernet header and at most two VLAN tags (802.1ad, 802.1Q). The EtherType of what follows, in
 * host order; 0 if the frame is too short.
 */
static __always_inline __u16 take_ethernet(struct cursor *cursor)
{
  struct ethhdr *ethernet = take(cursor, struct ethhdr);
  __be16 type;

  if (!ethernet)
    return 0;
  type = ethernet->h_proto;
  for (int i = 0; i < 2; i++) {
    struct vlan_tag *tag;

    if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
      break;
    tag = take(cursor, struct vlan_tag);
    if (!tag)
      return 0;
    type = tag->ethertype;
  }
  return bpf_ntohs(type);
}

/* What the network header says of the transport header that the cursor is at afterwards. */
struct transport {
  __u8 protocol;
  bool fragmented;       /* a part of a larger packet */
  __u32 fragment_offset; /* bytes; when not 0, there is no transport header here */
};

/* The IPv4 header with its options. NULL if it is cut, or says something that cannot be. */
static __always_inline struct ipv4 *take_ipv4(struct cursor *cursor, struct transport *transport)
{
  void *start = cursor->at;
  struct ipv4 *ip = take(cursor, struct ipv4);
  __u32 header, total, fragment;

  if (!ip || ip->version_ihl >> 4 != 4)
    return NULL;
  header = (ip->version_ihl & 0xf) * 4;
  total = bpf_ntohs(ip->total_length);
  if (header < sizeof(*ip) || total < header || start + total > cursor->end)
    return NULL;
  if (!take_bytes(cursor, header - sizeof(*ip)))
    return NULL;
  fragment = bpf_ntohs(ip->fragment);
  transport->protocol = ip->protocol;
  transport->fragmented = fragment & (IPV4_MORE_FRAGMENTS | IPV4_FRAGMENT_OFFSET);
  transport->fragment_offset = (fragment & IPV4_FRAGMENT_OFFSET) * 8;
  return ip;
}

/* The IPv6 header and the extension headers before the transport's: at most five, for a program must
 * end somewhere. With more, transport->protocol is the sixth. NULL if something is cut.
 */
static __always_inline struct ipv6 *take_ipv6(struct cursor *cursor, struct transport *transport)
{
  struct ipv6 *ip = take(cursor, struct ipv6);

  if (!ip || (bpf_ntohl(ip->version_class_flow) >> 28) != 6)
    return NULL;
  transport->protocol = ip->next_header;
  transport->fragmented = false;
  transport->fragment_offset = 0;
  for (int i = 0; i < 5; i++) {
    if (transport->protocol == IPPROTO_FRAGMENT) {
      struct ipv6_fragment *fragment = take(cursor, struct ipv6_fragment);

      if (!fragment)
        return NULL;
      transport->protocol = fragment->next_header;
      transport->fragment_offset = bpf_ntohs(fragment->offset) & ~7u;
      transport->fragmented = bpf_ntohs(fragment->offset) & ~6u;
      if (transport->fragment_offset)
        break;
    } else if (transport->protocol == IPPROTO_HOPOPTS || transport->protocol == IPPROTO_ROUTING ||
               transport->protocol == IPPROTO_DSTOPTS) {
      struct ipv6_extension *extension = take(cursor, struct ipv6_extension);

      if (!extension || !take_bytes(cursor, extension->length * 8 + 8 - sizeof(*extension)))
        return NULL;
      transport->protocol = extension->next_header;
    } else {
      break;
    }
  }
  return ip;
}
