// What is wrong with one program alone: the others are still there.
#include "common.bpf.h"

extern int nowhere(int x);

SEC("tc")
int good(struct __sk_buff *skb) { return 1; }

SEC("xdp")
__attribute__((noinline)) int callee_in_section(void *ctx) {
  asm volatile("" ::: "memory");
  return 2;
}

SEC("tc")
int calls_program(struct __sk_buff *skb) { return callee_in_section(skb) + 1; }

SEC("tc")
int calls_nowhere(struct __sk_buff *skb) { return nowhere(3); }

SEC("tc")
static int static_program(struct __sk_buff *skb) { return 4; }

SEC("tc")
int address_of_program(struct __sk_buff *skb) { return bpf_loop(1, callee_in_section, 0, 0); }
