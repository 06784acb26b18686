/* tc_rate_limiter: gives every flow a token bucket, and drops what exceeds it.
 *
 * A flow is an IP 5-tuple. Its bucket holds at most `burst` bytes, fills with `rate` bytes a second, and
 * a packet passes if the bucket holds its whole length (the frame with its Ethernet header). A new flow
 * starts with a full bucket. What is not IP passes unlimited, so that ARP and the like keep working.
 * Fragments have no ports (only the first does, and must not be treated otherwise): all of a pair of
 * addresses and a protocol share one bucket.
 *
 * The level is kept in nanobytes, bytes times 10^9: what flows in is then elapsed nanoseconds times rate,
 * exact, with no division, however often a flow asks. The packets of a flow mostly come on one CPU; two
 * that race for a bucket can lose one update, which errs by one packet.
 *
 * Maps
 *   buckets   struct flow -> struct bucket; the least recently used leave first
 *   totals    per CPU, by enum outcome: packets, bytes
 *
 * Settings (before loading): rate in bytes a second (0: no limit), burst in bytes. A packet longer than
 * burst never passes; where the device merges packets (GRO), they have up to 64 KiB.
 *
 * Try it
 *   skep run tc_rate_limiter.o --pcap packets.pcap --set rate=1000 --set burst=300
 */
#include "../parse.bpf.h"

const volatile __u64 rate = 1250000; /* 10 Mbit/s */
const volatile __u32 burst = 131072;

#define NANO 1000000000ull

/* IPv4 addresses are mapped into IPv6 (::ffff:a.b.c.d). */
struct flow {
  __u8 source[16];
  __u8 destination[16];
  __u16 source_port; /* host order */
  __u16 destination_port;
  __u16 protocol;
  __u16 fragment; /* 1: this is the bucket of fragments */
};

struct bucket {
  __u64 level;   /* nanobytes, as of `updated` */
  __u64 updated; /* ns since boot */
  __u64 passed;  /* packets */
  __u64 dropped;
};

enum outcome { PASSED, DROPPED, UNLIMITED, OUTCOMES };

struct counter {
  __u64 packets;
  __u64 bytes;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct flow);
  __type(value, struct bucket);
} buckets SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, OUTCOMES);
  __type(key, enum outcome);
  __type(value, struct counter);
} totals SEC(".maps");

static __always_inline int finish(enum outcome outcome, __u32 bytes)
{
  struct counter *counter = bpf_map_lookup_elem(&totals, &outcome);

  if (counter) {
    counter->packets++;
    counter->bytes += bytes;
  }
  return outcome == DROPPED ? TC_ACT_SHOT : TC_ACT_OK;
}

static __always_inline void map_ipv4(__u8 mapped[16], const __u8 address[4])
{
  mapped[10] = mapped[11] = 0xff;
  __builtin_memcpy(mapped + 12, address, 4);
}

/* False if the packet belongs to no flow: it is not IP, or cut. */
static __always_inline bool find_flow(struct cursor *cursor, struct flow *flow)
{
  struct transport transport;
  struct ports *ports;

  switch (take_ethernet(cursor)) {
  case ETH_P_IP: {
    struct ipv4 *ip = take_ipv4(cursor, &transport);

    if (!ip)
      return false;
    map_ipv4(flow->source, ip->source);
    map_ipv4(flow->destination, ip->destination);
    break;
  }
  case ETH_P_IPV6: {
    struct ipv6 *ip = take_ipv6(cursor, &transport);

    if (!ip)
      return false;
    __builtin_memcpy(flow->source, ip->source, sizeof(flow->source));
    __builtin_memcpy(flow->destination, ip->destination, sizeof(flow->destination));
    break;
  }
  default:
    return false;
  }

  flow->protocol = transport.protocol;
  flow->fragment = transport.fragmented;
  if (transport.fragmented || (transport.protocol != IPPROTO_TCP && transport.protocol != IPPROTO_UDP))
    return true;
  ports = take(cursor, struct ports);
  if (!ports)
    return false;
  flow->source_port = bpf_ntohs(ports->source);
  flow->destination_port = bpf_ntohs(ports->destination);
  return true;
}

/* Lets flow in what the time since the last packet brought. */
static __always_inline void refill(struct bucket *bucket, __u64 now)
{
  const __u64 capacity = burst * NANO, space = capacity - bucket->level;
  /* Another CPU may have read its clock a little later. */
  const __u64 elapsed = now > bucket->updated ? now - bucket->updated : 0;

  /* The comparison keeps the product below 2^64. */
  bucket->level = elapsed > space / rate ? capacity : bucket->level + elapsed * rate;
  if (now > bucket->updated)
    bucket->updated = now;
}

SEC("tc")
int tc_rate_limiter(struct __sk_buff *skb)
{
  struct flow flow = {};
  struct cursor cursor;
  struct bucket *bucket;
  const __u64 price = skb->len * NANO;

  /* Headers may lie outside of the linear part, which is all that can be read directly. */
  bpf_skb_pull_data(skb, skb->len < 128 ? skb->len : 128);
  cursor.at = (void *)(long)skb->data;
  cursor.end = (void *)(long)skb->data_end;
  if (rate == 0 || !find_flow(&cursor, &flow))
    return finish(UNLIMITED, skb->len);

  bucket = bpf_map_lookup_elem(&buckets, &flow);
  if (!bucket) {
    struct bucket full = {.level = burst * NANO, .updated = bpf_ktime_get_ns()};

    bpf_map_update_elem(&buckets, &flow, &full, BPF_NOEXIST);
    bucket = bpf_map_lookup_elem(&buckets, &flow);
    if (!bucket)
      return finish(UNLIMITED, skb->len);
  }
  refill(bucket, bpf_ktime_get_ns());
  if (bucket->level < price) {
    bucket->dropped++;
    return finish(DROPPED, skb->len);
  }
  bucket->level -= price;
  bucket->passed++;
  return finish(PASSED, skb->len);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
