/* xdp_firewall: lets in what an allow list names, and drops the rest.
 *
 * A rule belongs to a prefix of source addresses and says which protocols may come from there, and for
 * TCP and UDP to which range of destination ports. The longest prefix decides; it does not inherit from
 * shorter ones. ARP and IPv6 neighbour discovery always pass: without them the host is unreachable.
 *
 * Fragments: the first one carries the ports and is judged as a whole packet would be. Later ones pass if
 * the rule allows their protocol at all, for without the first they can never be assembled. Two tricks to
 * slip past such filters are dropped (RFC 1858, RFC 3128): a first fragment too short to show its
 * transport header, and a later one that would overwrite it.
 *
 * Maps
 *   allow4, allow6   LPM tries: prefix of the source address -> struct rule   (written by user space)
 *   counters         per CPU: enum verdict -> packets, bytes
 *
 * Try it
 *   skep run xdp_firewall.o --pcap packets.pcap --map allow4=allow4.json --map allow6=allow6.json
 */
#include "../parse.bpf.h"

/* Bits of rule.protocols. ICMP means ICMPv6 in allow6. */
enum protocols { ALLOW_TCP = 1, ALLOW_UDP = 2, ALLOW_ICMP = 4, ALLOW_OTHER = 8 };

struct rule {
  __u32 protocols;
  __u16 port_min; /* destination ports of TCP and UDP, both ends included, host order */
  __u16 port_max;
};

/* Why a packet passed or not: the index into counters. */
enum verdict {
  PASS_RULE,
  PASS_NEIGHBOUR, /* ARP, neighbour discovery */
  DROP_NO_RULE,   /* no prefix holds the source address */
  DROP_PROTOCOL,  /* the rule does not allow this protocol */
  DROP_PORT,      /* nor this port */
  DROP_FRAGMENT,  /* a fragment made to deceive */
  DROP_MALFORMED, /* cut, or headers that contradict themselves */
  DROP_NOT_IP,
  VERDICTS,
};

struct counter {
  __u64 packets;
  __u64 bytes;
};

struct prefix4 {
  __u32 length; /* bits */
  __u8 address[4];
};

struct prefix6 {
  __u32 length;
  __u8 address[16];
};

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 16384);
  __uint(map_flags, BPF_F_NO_PREALLOC); /* tries have no other way */
  __type(key, struct prefix4);
  __type(value, struct rule);
} allow4 SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 16384);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct prefix6);
  __type(value, struct rule);
} allow6 SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, VERDICTS);
  __type(key, enum verdict);
  __type(value, struct counter);
} counters SEC(".maps");

/* An overlapping fragment could rewrite the TCP flags, 13 bytes into the header (RFC 3128). */
#define TRANSPORT_HEADER 16

static __always_inline bool neighbour_discovery(__u8 icmp_type)
{
  /* router solicitation .. redirect, RFC 4861 */
  return icmp_type >= 133 && icmp_type <= 137;
}

static __always_inline enum verdict judge(struct cursor *cursor, const struct transport *transport,
                                          const struct rule *rule)
{
  const bool tcp = transport->protocol == IPPROTO_TCP, udp = transport->protocol == IPPROTO_UDP;
  const bool icmp = transport->protocol == IPPROTO_ICMP || transport->protocol == IPPROTO_ICMPV6;
  const __u32 wanted = tcp ? ALLOW_TCP : udp ? ALLOW_UDP : icmp ? ALLOW_ICMP : ALLOW_OTHER;
  struct ports *ports;
  __u16 port;

  if (!(rule->protocols & wanted))
    return DROP_PROTOCOL;
  if (transport->fragment_offset)
    return tcp && transport->fragment_offset < TRANSPORT_HEADER ? DROP_FRAGMENT : PASS_RULE;
  if (!tcp && !udp)
    return PASS_RULE;

  ports = tcp ? (struct ports *)take(cursor, struct tcp) : (struct ports *)take(cursor, struct udp);
  if (!ports)
    return transport->fragmented ? DROP_FRAGMENT : DROP_MALFORMED;
  port = bpf_ntohs(ports->destination);
  return port >= rule->port_min && port <= rule->port_max ? PASS_RULE : DROP_PORT;
}

static __always_inline enum verdict judge_ipv4(struct cursor *cursor)
{
  struct transport transport;
  struct prefix4 key = {.length = 32};
  struct ipv4 *ip = take_ipv4(cursor, &transport);
  struct rule *rule;

  if (!ip)
    return DROP_MALFORMED;
  __builtin_memcpy(key.address, ip->source, sizeof(key.address));
  rule = bpf_map_lookup_elem(&allow4, &key);
  return rule ? judge(cursor, &transport, rule) : DROP_NO_RULE;
}

static __always_inline enum verdict judge_ipv6(struct cursor *cursor)
{
  struct transport transport;
  struct prefix6 key = {.length = 128};
  struct ipv6 *ip = take_ipv6(cursor, &transport);
  struct rule *rule;

  if (!ip)
    return DROP_MALFORMED;
  if (transport.protocol == IPPROTO_ICMPV6 && !transport.fragmented) {
    struct cursor ahead = *cursor;
    struct icmp *icmp = take(&ahead, struct icmp);

    /* The hop limit proves that it was not routed here. */
    if (icmp && neighbour_discovery(icmp->type) && ip->hop_limit == 255)
      return PASS_NEIGHBOUR;
  }
  __builtin_memcpy(key.address, ip->source, sizeof(key.address));
  rule = bpf_map_lookup_elem(&allow6, &key);
  return rule ? judge(cursor, &transport, rule) : DROP_NO_RULE;
}

static __always_inline enum verdict judge_frame(struct cursor *cursor)
{
  switch (take_ethernet(cursor)) {
  case 0:
    return DROP_MALFORMED;
  case ETH_P_ARP:
    return PASS_NEIGHBOUR;
  case ETH_P_IP:
    return judge_ipv4(cursor);
  case ETH_P_IPV6:
    return judge_ipv6(cursor);
  default:
    return DROP_NOT_IP;
  }
}

SEC("xdp")
int xdp_firewall(struct xdp_md *ctx)
{
  struct cursor cursor = {(void *)(long)ctx->data, (void *)(long)ctx->data_end};
  enum verdict verdict = judge_frame(&cursor);
  struct counter *counter = bpf_map_lookup_elem(&counters, &verdict);

  if (counter) {
    counter->packets++;
    counter->bytes += ctx->data_end - ctx->data;
  }
  return verdict <= PASS_NEIGHBOUR ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
