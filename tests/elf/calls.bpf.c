// The three encodings of calls between functions, and addresses of functions.
#include "common.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u64);
} numbers SEC(".maps");

__u64 sum;

// Called from the same section without a relocation.
static __attribute__((noinline)) int leaf(int x) { return x * 3 + (int)sum; }

// Called by its symbol.
__attribute__((noinline)) int global_function(int x) { return leaf(x) + leaf(x + 1); }

// Called from another section through the section's symbol.
static __attribute__((noinline)) int local_function(int x) { return global_function(x) + leaf(x); }

__hidden __attribute__((noinline)) int hidden_function(int x) {
  asm volatile("" ::: "memory");
  return x + 5;
}

__weak __attribute__((noinline)) int weak_function(int x) {
  asm volatile("" ::: "memory");
  return x + 6;
}

static long add_up(void *map, const void *key, __u64 *value, void *ctx) {
  sum += *value;
  return local_function(1) == 0;
}

__hidden __attribute__((noinline)) long global_callback(__u32 index, void *ctx) {
  sum += index;
  return 0;
}

static long loop_callback(__u32 index, void *ctx) {
  bpf_for_each_map_elem(&numbers, add_up, 0, 0);
  return 0;
}

SEC("tc")
int main_a(struct __sk_buff *skb) { return local_function(skb->len) + hidden_function(1); }

SEC("tc")
int main_b(struct __sk_buff *skb) {
  bpf_for_each_map_elem(&numbers, add_up, 0, 0);
  bpf_loop(3, global_callback, 0, 0);
  bpf_loop(3, loop_callback, 0, 0);
  return weak_function(skb->len);
}

SEC("xdp")
int calls_nothing(struct xdp_md *ctx) { return XDP_PASS; }

// Global, and never called: in the object, in no program.
__attribute__((noinline)) int uncalled(int x) { return x + 1; }

char _license[] SEC("license") = "GPL";
