/* xdp_lb: a load balancer for IPv4 that sends each flow to one of many backends, through IP-in-IP.
 *
 * A virtual IP (VIP) is an address, a port and a protocol. A packet for one is hashed by its flow onto
 * the VIP's ring, a table that user space filled so that a backend which comes or goes moves few flows
 * (maglev.hpp). The packet gets a second IPv4 header, from this host to the backend, which unpacks it and
 * answers the client directly. A table of connections keeps a flow with its backend while rings change.
 *
 * A VIP with port 0 takes every port of its protocol, and is balanced by addresses alone. That is what
 * lets it take fragments, of which only the first knows its ports; fragments for other VIPs pass.
 *
 * Everything that is no business of a VIP passes to the host: other protocols than IPv4, VLAN-tagged
 * frames (let the device strip tags), ICMP (the host answers pings to the VIP), unknown addresses.
 * Dropped are cut packets, packets for a VIP with no backend, and those that would outgrow tunnel_mtu.
 *
 * Maps
 *   vips          {address, port, protocol} -> number of the VIP              (written by user space)
 *   ring          RING_SIZE slots for each VIP: the number of a backend, 0 = none        (likewise)
 *   backends      number -> where it is; number 0 is unused, all zeros = taken out       (likewise)
 *   connections   flow -> number of its backend, least recently used leave first
 *   forwarded     per CPU, by number of the backend: packets, bytes
 *   others        per CPU, by enum reason: packets that were not forwarded
 *
 * Settings (before loading): tunnel_source, tunnel_mtu.
 *
 * Try it
 *   skep run xdp_lb.o --pcap packets.pcap --map vips=vips.json --map ring=ring.json
 *       --map backends=backends.json --set tunnel_source=0x0a000001 --out balanced.pcap
 */
#include "../parse.bpf.h"

#define MAX_VIPS 16
#define RING_SIZE 251 /* prime, as Maglev's permutations need it; production has 65537 */
#define MAX_BACKENDS 64
#define TUNNEL_TTL 64

/* The outer source address (host order: 0x0a000001 is 10.0.0.1) and the longest outer packet, in bytes. */
const volatile __u32 tunnel_source = 0x0a000001;
const volatile __u32 tunnel_mtu = 1520;

struct vip {
  __u8 address[4];
  __u16 port; /* host order; 0: all */
  __u16 protocol;
};

struct backend {
  __u8 address[4];
  __u8 mac[6]; /* of the backend, or of the router on the way to it */
};

struct flow {
  __u8 source[4];
  __u8 destination[4];
  __u16 source_port; /* host order; both 0 for a VIP that takes all ports */
  __u16 destination_port;
  __u16 protocol;
};

struct counter {
  __u64 packets;
  __u64 bytes; /* before encapsulation */
};

/* Why a packet was not forwarded. */
enum reason {
  PASS_NOT_IPV4,
  PASS_ICMP,
  PASS_NO_VIP,
  PASS_FRAGMENT,   /* has no ports, and no VIP takes all of them */
  DROP_MALFORMED,
  DROP_NO_BACKEND,
  DROP_TOO_BIG,
  REASONS,
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, MAX_VIPS);
  __type(key, struct vip);
  __type(value, __u32);
} vips SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, MAX_VIPS * RING_SIZE);
  __type(key, __u32);
  __type(value, __u32);
} ring SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, MAX_BACKENDS);
  __type(key, __u32);
  __type(value, struct backend);
} backends SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct flow);
  __type(value, __u32);
} connections SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, MAX_BACKENDS);
  __type(key, __u32);
  __type(value, struct counter);
} forwarded SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, REASONS);
  __type(key, enum reason);
  __type(value, __u64);
} others SEC(".maps");

static __always_inline int leave(enum reason reason)
{
  __u64 *count = bpf_map_lookup_elem(&others, &reason);

  if (count)
    *count += 1;
  return reason < DROP_MALFORMED ? XDP_PASS : XDP_DROP;
}

/* 32 bits are enough to pick one of a few hundred slots evenly; the steps are those of MurmurHash3. */
static __always_inline __u32 mix(__u32 hash, __u32 word)
{
  word *= 0xcc9e2d51;
  word = word << 15 | word >> 17;
  hash ^= word * 0x1b873593;
  hash = hash << 13 | hash >> 19;
  return hash * 5 + 0xe6546b64;
}

static __always_inline __u32 hash_flow(const struct flow *flow)
{
  __u32 source, destination, hash;

  __builtin_memcpy(&source, flow->source, sizeof(source));
  __builtin_memcpy(&destination, flow->destination, sizeof(destination));
  hash = mix(mix(0, bpf_ntohl(source)), bpf_ntohl(destination));
  hash = mix(mix(hash, (__u32)flow->source_port << 16 | flow->destination_port), flow->protocol);
  hash = (hash ^ hash >> 16) * 0x85ebca6b;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35;
  return hash ^ hash >> 16;
}

/* A slot that was taken out is all zeros. */
static __always_inline struct backend *live_backend(__u32 number)
{
  struct backend *backend = number ? bpf_map_lookup_elem(&backends, &number) : NULL;
  __u32 address;

  if (!backend)
    return NULL;
  __builtin_memcpy(&address, backend->address, sizeof(address));
  return address ? backend : NULL;
}

/* The backend of a flow: the one it has if that still lives, else the one that the ring says. */
static __always_inline struct backend *choose(const struct flow *flow, __u32 vip, __u32 *number)
{
  __u32 *known = bpf_map_lookup_elem(&connections, flow);
  struct backend *backend;
  __u32 slot, *entry;

  if (known) {
    *number = *known;
    backend = live_backend(*number);
    if (backend)
      return backend;
  }
  slot = vip * RING_SIZE + hash_flow(flow) % RING_SIZE;
  entry = bpf_map_lookup_elem(&ring, &slot);
  if (!entry)
    return NULL;
  *number = *entry;
  backend = live_backend(*number);
  if (backend)
    bpf_map_update_elem(&connections, flow, number, BPF_ANY);
  return backend;
}

/* The Internet checksum of a header whose checksum field is zero (RFC 1071). */
static __always_inline __u16 header_checksum(const struct ipv4 *ip)
{
  const __u16 *words = (const __u16 *)ip;
  __u32 sum = 0;

  for (int i = 0; i < (int)(sizeof(*ip) / 2); i++)
    sum += words[i];
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return ~sum;
}

/* Puts an outer header before the packet of `inner_length` bytes, and addresses the frame to the backend. */
static __always_inline int encapsulate(struct xdp_md *ctx, const struct backend *backend, __u16 inner_length, __u8 tos)
{
  struct ethhdr *old_ethernet, *ethernet;
  struct cursor cursor;
  struct ipv4 *outer;
  __u32 source;

  if (bpf_xdp_adjust_head(ctx, -(int)sizeof(*outer)))
    return XDP_ABORTED;
  /* Pointers into the packet are void after it moved. */
  cursor.at = (void *)(long)ctx->data;
  cursor.end = (void *)(long)ctx->data_end;
  ethernet = take(&cursor, struct ethhdr);
  outer = take(&cursor, struct ipv4);
  if (!ethernet || !outer)
    return XDP_ABORTED;
  old_ethernet = (void *)ethernet + sizeof(*outer);
  if ((void *)(old_ethernet + 1) > cursor.end)
    return XDP_ABORTED;

  __builtin_memcpy(ethernet->h_source, old_ethernet->h_dest, ETH_ALEN);
  __builtin_memcpy(ethernet->h_dest, backend->mac, ETH_ALEN);
  ethernet->h_proto = bpf_htons(ETH_P_IP);

  source = bpf_htonl(tunnel_source);
  __builtin_memset(outer, 0, sizeof(*outer));
  outer->version_ihl = 0x45;
  outer->tos = tos;
  outer->total_length = bpf_htons(inner_length + sizeof(*outer));
  outer->ttl = TUNNEL_TTL;
  outer->protocol = IPPROTO_IPIP;
  __builtin_memcpy(outer->source, &source, sizeof(source));
  __builtin_memcpy(outer->destination, backend->address, sizeof(outer->destination));
  outer->checksum = header_checksum(outer);
  return XDP_TX;
}

SEC("xdp")
int xdp_lb(struct xdp_md *ctx)
{
  struct cursor cursor = {(void *)(long)ctx->data, (void *)(long)ctx->data_end};
  __u32 length = ctx->data_end - ctx->data, number = 0, *id;
  struct transport transport;
  struct counter *counter;
  struct backend *backend;
  struct flow flow = {};
  struct vip vip = {};
  struct ipv4 *ip;
  __u16 inner_length;
  __u8 tos;

  switch (take_ethernet(&cursor)) {
  case 0:
    return leave(DROP_MALFORMED);
  case ETH_P_IP:
    /* The encapsulation expects the IP header right behind the Ethernet header. */
    if ((void *)(long)ctx->data + sizeof(struct ethhdr) != cursor.at)
      return leave(PASS_NOT_IPV4);
    break;
  default:
    return leave(PASS_NOT_IPV4);
  }
  ip = take_ipv4(&cursor, &transport);
  if (!ip)
    return leave(DROP_MALFORMED);
  if (transport.protocol == IPPROTO_ICMP)
    return leave(PASS_ICMP);

  __builtin_memcpy(flow.source, ip->source, sizeof(flow.source));
  __builtin_memcpy(flow.destination, ip->destination, sizeof(flow.destination));
  flow.protocol = transport.protocol;
  inner_length = bpf_ntohs(ip->total_length);
  tos = ip->tos;

  /* The VIP of all ports first: it needs nothing of the transport header. */
  __builtin_memcpy(vip.address, ip->destination, sizeof(vip.address));
  vip.protocol = transport.protocol;
  id = bpf_map_lookup_elem(&vips, &vip);
  if (!id) {
    struct ports *ports;

    if (transport.fragmented)
      return leave(PASS_FRAGMENT);
    if (transport.protocol != IPPROTO_TCP && transport.protocol != IPPROTO_UDP)
      return leave(PASS_NO_VIP);
    ports = take(&cursor, struct ports);
    if (!ports)
      return leave(DROP_MALFORMED);
    flow.source_port = bpf_ntohs(ports->source);
    flow.destination_port = bpf_ntohs(ports->destination);
    vip.port = flow.destination_port;
    id = bpf_map_lookup_elem(&vips, &vip);
    if (!id)
      return leave(PASS_NO_VIP);
  }

  if (inner_length + sizeof(struct ipv4) > tunnel_mtu)
    return leave(DROP_TOO_BIG);
  backend = choose(&flow, *id, &number);
  if (!backend)
    return leave(DROP_NO_BACKEND);
  counter = bpf_map_lookup_elem(&forwarded, &number);
  if (counter) {
    counter->packets++;
    counter->bytes += length;
  }
  return encapsulate(ctx, backend, inner_length, tos);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
