// flags: -idirafter /usr/include/x86_64-linux-gnu
// Records for a perf event array that has no event where they go.
#include "answers.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(max_entries, 1000);
  __uint(key_size, 4);
  __uint(value_size, 4);
} events SEC(".maps");

#define OUTPUT(slot, flags) ANSWER(slot, bpf_perf_event_output(ctx, &events, flags, "abcdefg", 8))
#define OUTPUTS(length)                                  \
  OUTPUT(0, 999);                                        \
  OUTPUT(1, 1000);                                       \
  OUTPUT(2, 0xfffffffe);                                 \
  OUTPUT(3, 1ull << 60);                                 \
  OUTPUT(4, 1ull << 52);                                 \
  OUTPUT(5, (__u64)(length) << 32 | 999);                \
  OUTPUT(6, (__u64)((length) + 1) << 32 | 999);          \
  OUTPUT(7, (__u64)((length) + 1) << 32 | 1000);         \
  OUTPUT(8, 1ull << 52 | (__u64)((length) + 1) << 32)

SEC("tc") int skb_output(struct __sk_buff* ctx) {
  OUTPUTS(ctx->len);
  return 0;
}

SEC("cgroup_skb/ingress") int cgroup_output(struct __sk_buff* ctx) {
  OUTPUTS(ctx->len);
  return 1;
}

SEC("xdp") int xdp_output(struct xdp_md* ctx) {
  OUTPUTS((__u32)(ctx->data_end - ctx->data));
  return XDP_PASS;
}
