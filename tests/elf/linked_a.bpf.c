// One of two files that the static linker joins: it shares a static name and a weak function with the other.
#include "common.bpf.h"

int shared_counter = 5;
static int own = 1;

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} table SEC(".maps");

static __attribute__((noinline)) int helper(int x) {
  asm volatile("" ::: "memory");
  return x + own++;
}

__weak __attribute__((noinline)) int overridden(int x) {
  asm volatile("" ::: "memory");
  return helper(x) + 100;
}

SEC("tc")
int program_a(struct __sk_buff *skb) { return helper(skb->len) + overridden(2) + shared_counter; }

char _license[] SEC("license") = "GPL";
