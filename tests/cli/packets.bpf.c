// What the tests of the command line run: programs that do a little of everything, and functions to call.
#include "../elf/common.bpf.h"

#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>

enum verdict { PASS_ALL, DROP_SOME };

struct config {
  __u32 mtu;
  enum verdict verdict;
  __u8 mac[6];
  _Bool debug;
  struct {
    __s16 low, high;
  } range[2];
};

const volatile struct config config = {.mtu = 1500, .mac = {2, 0, 0, 0, 0, 9}};
const volatile __u64 large = 1ull << 60;
char label[8] = "skep";
__s32 threshold = -5;
__u64 seen;

struct flow {
  __be16 protocol;
  __u8 last[2];
};

struct stat {
  __u64 packets, bytes;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16);
  __type(key, struct flow);
  __type(value, __u64);
} flows SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, struct stat);
} stats SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_DEVMAP);
  __uint(max_entries, 4);
  __uint(key_size, 4);
  __uint(value_size, 4);
} ports SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 4);
  __uint(key_size, 4);
  __uint(value_size, 4);
} next SEC(".maps");

// Not inlined and static: `skep run --func` reaches it all the same.
static __attribute__((noinline)) __u32 sum(const __u16 *words, __u32 count) {
  __u32 total = 0;
  for (__u32 i = 0; i < count && i < 64; i++) total += words[i];
  return total;
}

__attribute__((noinline)) int clamp(struct stat *stat, int limit, const char *name) {
  if (!stat || !name) return -1;
  if ((__s64)stat->packets > limit) stat->packets = limit;
  stat->bytes += name[0];
  return -limit;
}

SEC("xdp")
int count(struct xdp_md *ctx) {
  void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  struct ethhdr *eth = data;
  if (data + sizeof *eth > end) return XDP_ABORTED;

  struct flow flow = {.protocol = eth->h_proto};
  __u64 one = 1, *count = bpf_map_lookup_elem(&flows, &flow);
  if (count) (*count)++;
  else bpf_map_update_elem(&flows, &flow, &one, BPF_ANY);

  __u32 slot = 0;
  struct stat *stat = bpf_map_lookup_elem(&stats, &slot);
  if (stat) stat->packets++, stat->bytes += end - data;

  seen++;
  if (config.debug) bpf_printk("%d bytes, interface %d", (int)(end - data), ctx->ingress_ifindex);
  if (config.verdict == DROP_SOME && eth->h_proto != bpf_htons(ETH_P_IP)) return XDP_DROP;

  __u64 *event = bpf_ringbuf_reserve(&events, sizeof *event, 0);
  if (event) {
    *event = seen;
    bpf_ringbuf_submit(event, 0);
  }
  __builtin_memcpy(eth->h_dest, (const void *)config.mac, sizeof eth->h_dest);
  return XDP_TX;
}

SEC("xdp")
int forward(struct xdp_md *ctx) {
  return bpf_redirect_map(&ports, 1, XDP_DROP);
}

SEC("xdp")
int jump(struct xdp_md *ctx) {
  bpf_tail_call(ctx, &next, 2);
  return XDP_PASS;
}

SEC("xdp")
int crash(struct xdp_md *ctx) {
  __u32 *nowhere = (void *)(long)ctx->rx_queue_index;
  return *nowhere + sum((const __u16 *)(long)ctx->data, ctx->egress_ifindex);
}

SEC("xdp")
int forever(struct xdp_md *ctx) {
  for (;;) seen++;
}

char LICENSE[] SEC("license") = "GPL";
