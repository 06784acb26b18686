// The other one.
#include "common.bpf.h"

extern int shared_counter;
static int own = 2;

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} other_table SEC(".maps");

static __attribute__((noinline)) int helper(int x) {
  asm volatile("" ::: "memory");
  return x * own++;
}

__attribute__((noinline)) int overridden(int x) {
  asm volatile("" ::: "memory");
  return helper(x) + 200;
}

SEC("tc")
int program_b(struct __sk_buff *skb) {
  __u32 key = 0;
  return helper(skb->len) + overridden(3) + shared_counter + (bpf_map_lookup_elem(&other_table, &key) != 0);
}

char _license[] SEC("license") = "GPL";
