/* packet_events: tells user space what happens on the wire, one typed event for each thing worth knowing.
 *
 *   classify ─┬─► on_tcp   connections that open, close, or are refused (SYN, FIN, RST)
 *             ├─► on_udp ──► on_dns   the name and type that a query asks for
 *             └─► on_icmp  pings, and errors
 *
 * Each stage is a program of its own, reached by a tail call through the prog array `stages`, so that a
 * stage can be replaced, or taken out, while the others run. What the first one found out about the packet
 * waits for the next in a per-CPU scratch map, since a tail call passes the context and nothing else.
 *
 * Events go through a ring buffer. When user space is slow and the buffer is full, the event is lost and
 * counted: the packet passes in any case, for this program only looks.
 *
 * Maps
 *   stages    prog array: enum stage -> program, filled by the loader
 *   scratch   per CPU: what is known of the current packet
 *   events    ring buffer of struct tcp_event, dns_event, icmp_event: each begins with struct event
 *   counters  per CPU, by enum event_type: events sent and lost
 *
 * Try it
 *   skep run packet_events.o --prog classify --pcap packets.pcap --json
 */
#include "../parse.bpf.h"

enum stage { STAGE_TCP, STAGE_UDP, STAGE_ICMP, STAGE_DNS, STAGES };

enum event_type {
  EVENT_TCP_OPEN,  /* SYN without ACK */
  EVENT_TCP_CLOSE, /* FIN */
  EVENT_TCP_RESET, /* RST */
  EVENT_DNS_QUERY,
  EVENT_ICMP,
  EVENT_TYPES,
};

/* IPv4 addresses are mapped into IPv6 (::ffff:a.b.c.d); ports in host order, 0 for ICMP. */
struct endpoints {
  __u8 source[16];
  __u8 destination[16];
  __u16 source_port;
  __u16 destination_port;
};

/* How every record begins. */
struct event {
  __u64 time; /* ns since boot */
  enum event_type type;
  struct endpoints endpoints;
};

struct tcp_event {
  struct event event;
  __u32 sequence;
  __u8 flags; /* enum tcp_flag */
};

struct icmp_event {
  struct event event;
  __u8 type;
  __u8 code;
  bool v6;
};

#define DNS_NAME 64 /* with the final NUL; longer names are cut */
struct dns_event {
  struct event event;
  __u16 id;
  __u16 query_type;
  bool cut; /* the name does not end here, or is no name; query_type is 0 then */
  char name[DNS_NAME];
};

struct scratch {
  struct endpoints endpoints;
  __u16 offset; /* of what the next stage reads: bytes from the start of the packet */
  bool v6;
};

struct counter {
  __u64 sent;
  __u64 lost;
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct scratch);
} scratch SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 256 * 1024);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, EVENT_TYPES);
  __type(key, enum event_type);
  __type(value, struct counter);
} counters SEC(".maps");

int on_tcp(struct xdp_md *ctx);
int on_udp(struct xdp_md *ctx);
int on_icmp(struct xdp_md *ctx);
int on_dns(struct xdp_md *ctx);

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, STAGES);
  __uint(key_size, sizeof(__u32));
  __array(values, int(struct xdp_md *));
} stages SEC(".maps") = {
  .values = {
    [STAGE_TCP] = on_tcp,
    [STAGE_UDP] = on_udp,
    [STAGE_ICMP] = on_icmp,
    [STAGE_DNS] = on_dns,
  },
};

/* The offset is this program's own, but the verifier wants to see that it is small. */
#define MAX_OFFSET 0x3ff

static __always_inline struct scratch *get_scratch(void)
{
  __u32 zero = 0;

  return bpf_map_lookup_elem(&scratch, &zero);
}

static __always_inline struct cursor at_offset(struct xdp_md *ctx, const struct scratch *known)
{
  struct cursor cursor = {(void *)(long)ctx->data + (known->offset & MAX_OFFSET), (void *)(long)ctx->data_end};

  return cursor;
}

static __always_inline void count(enum event_type type, bool sent)
{
  struct counter *counter = bpf_map_lookup_elem(&counters, &type);

  if (!counter)
    return;
  if (sent)
    counter->sent++;
  else
    counter->lost++;
}

/* Room for an event of `size` bytes, its beginning filled in. NULL if the buffer is full. */
static __always_inline void *begin_event(enum event_type type, const __u64 size, const struct scratch *known)
{
  struct event *event = bpf_ringbuf_reserve(&events, size, 0);

  count(type, event != NULL);
  if (!event)
    return NULL;
  /* The buffer's memory holds old events: nothing of them may show through. */
  __builtin_memset(event, 0, size);
  event->time = bpf_ktime_get_ns();
  event->type = type;
  event->endpoints = known->endpoints;
  return event;
}

SEC("xdp")
int classify(struct xdp_md *ctx)
{
  struct cursor cursor = {(void *)(long)ctx->data, (void *)(long)ctx->data_end};
  struct scratch *known = get_scratch();
  struct transport transport;

  if (!known)
    return XDP_PASS;
  __builtin_memset(known, 0, sizeof(*known));
  switch (take_ethernet(&cursor)) {
  case ETH_P_IP: {
    struct ipv4 *ip = take_ipv4(&cursor, &transport);

    if (!ip)
      return XDP_PASS;
    known->endpoints.source[10] = known->endpoints.source[11] = 0xff;
    known->endpoints.destination[10] = known->endpoints.destination[11] = 0xff;
    __builtin_memcpy(known->endpoints.source + 12, ip->source, 4);
    __builtin_memcpy(known->endpoints.destination + 12, ip->destination, 4);
    break;
  }
  case ETH_P_IPV6: {
    struct ipv6 *ip = take_ipv6(&cursor, &transport);

    if (!ip)
      return XDP_PASS;
    known->v6 = true;
    __builtin_memcpy(known->endpoints.source, ip->source, 16);
    __builtin_memcpy(known->endpoints.destination, ip->destination, 16);
    break;
  }
  default:
    return XDP_PASS;
  }
  if (transport.fragment_offset || cursor.at - (void *)(long)ctx->data > MAX_OFFSET)
    return XDP_PASS;
  known->offset = cursor.at - (void *)(long)ctx->data;

  switch (transport.protocol) {
  case IPPROTO_TCP:
    bpf_tail_call(ctx, &stages, STAGE_TCP);
    break;
  case IPPROTO_UDP:
    bpf_tail_call(ctx, &stages, STAGE_UDP);
    break;
  case IPPROTO_ICMP:
  case IPPROTO_ICMPV6:
    bpf_tail_call(ctx, &stages, STAGE_ICMP);
    break;
  }
  /* Nobody is interested, or the stage was taken out. */
  return XDP_PASS;
}

SEC("xdp")
int on_tcp(struct xdp_md *ctx)
{
  struct scratch *known = get_scratch();
  struct tcp_event *event;
  enum event_type type;
  struct cursor cursor;
  struct tcp *tcp;

  if (!known)
    return XDP_PASS;
  cursor = at_offset(ctx, known);
  tcp = take(&cursor, struct tcp);
  if (!tcp)
    return XDP_PASS;
  if (tcp->flags & TCP_RST)
    type = EVENT_TCP_RESET;
  else if (tcp->flags & TCP_FIN)
    type = EVENT_TCP_CLOSE;
  else if ((tcp->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
    type = EVENT_TCP_OPEN;
  else
    return XDP_PASS;

  known->endpoints.source_port = bpf_ntohs(tcp->source);
  known->endpoints.destination_port = bpf_ntohs(tcp->destination);
  event = begin_event(type, sizeof(*event), known);
  if (!event)
    return XDP_PASS;
  event->sequence = bpf_ntohl(tcp->sequence);
  event->flags = tcp->flags;
  bpf_ringbuf_submit(event, 0);
  return XDP_PASS;
}

SEC("xdp")
int on_udp(struct xdp_md *ctx)
{
  struct scratch *known = get_scratch();
  struct cursor cursor;
  struct udp *udp;

  if (!known)
    return XDP_PASS;
  cursor = at_offset(ctx, known);
  udp = take(&cursor, struct udp);
  if (!udp || udp->destination != bpf_htons(53))
    return XDP_PASS;
  known->endpoints.source_port = bpf_ntohs(udp->source);
  known->endpoints.destination_port = bpf_ntohs(udp->destination);
  known->offset += sizeof(*udp);
  bpf_tail_call(ctx, &stages, STAGE_DNS);
  return XDP_PASS;
}

/* RFC 1035, 4.1.1 */
struct dns {
  __be16 id;
  __be16 flags;
  __be16 questions;
  __be16 answers;
  __be16 authorities;
  __be16 additionals;
};
#define DNS_RESPONSE 0x8000

/* Turns the labels at the cursor (7 example 3 com 0) into text ("example.com"). False if the name does
 * not end within `name`, or is cut.
 */
static __always_inline bool read_name(struct cursor *cursor, char name[DNS_NAME])
{
  __u8 left = 0; /* bytes of the current label still to come */

  for (int i = 0; i < DNS_NAME; i++) {
    __u8 *byte = take(cursor, __u8);

    if (!byte)
      return false;
    if (left == 0) {
      left = *byte;
      if (left == 0)
        return true;
      if (left > 63) /* RFC 1035, 4.1.4: a compressed name, which no query has */
        return false;
      /* The first length has no dot before it: text starts one byte later than the labels. */
      if (i > 0)
        name[i - 1] = '.';
      continue;
    }
    if (i > 0 && i < DNS_NAME) /* always so; the verifier cannot know */
      name[i - 1] = *byte;
    left--;
  }
  return false;
}

SEC("xdp")
int on_dns(struct xdp_md *ctx)
{
  struct scratch *known = get_scratch();
  struct dns_event *event;
  struct cursor cursor;
  __be16 *query_type;
  struct dns *dns;

  if (!known)
    return XDP_PASS;
  cursor = at_offset(ctx, known);
  dns = take(&cursor, struct dns);
  if (!dns || dns->flags & bpf_htons(DNS_RESPONSE) || !dns->questions)
    return XDP_PASS;
  event = begin_event(EVENT_DNS_QUERY, sizeof(*event), known);
  if (!event)
    return XDP_PASS;
  event->id = bpf_ntohs(dns->id);
  event->cut = !read_name(&cursor, event->name);
  query_type = event->cut ? NULL : take(&cursor, __be16);
  if (query_type)
    event->query_type = bpf_ntohs(*query_type);
  bpf_ringbuf_submit(event, 0);
  return XDP_PASS;
}

SEC("xdp")
int on_icmp(struct xdp_md *ctx)
{
  struct scratch *known = get_scratch();
  struct icmp_event *event;
  struct cursor cursor;
  struct icmp *icmp;

  if (!known)
    return XDP_PASS;
  cursor = at_offset(ctx, known);
  icmp = take(&cursor, struct icmp);
  if (!icmp)
    return XDP_PASS;
  event = begin_event(EVENT_ICMP, sizeof(*event), known);
  if (!event)
    return XDP_PASS;
  event->type = icmp->type;
  event->code = icmp->code;
  event->v6 = known->v6;
  bpf_ringbuf_submit(event, 0);
  return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
