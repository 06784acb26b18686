// Addresses in data: what a loader would have to link. Only programs that use them are the worse for it.
#include "common.bpf.h"

int number = 5;
int *pointer = &number;
int innocent = 6;
const char *const names[] = {"one", "two", "three"};

static __attribute__((noinline)) int twice(int x) {
  asm volatile("" ::: "memory");
  return x * 2;
}
int (*const volatile functions[2])(int) = {twice, twice};

SEC("tc")
int uses_pointer(struct __sk_buff *skb) { return *pointer; }

SEC("tc")
int uses_names(struct __sk_buff *skb) { return names[skb->len & 1][0]; }

SEC("tc")
int uses_functions(struct __sk_buff *skb) { return functions[1] != 0; }

SEC("tc")
int uses_neither(struct __sk_buff *skb) { return innocent + number; }

char _license[] SEC("license") = "GPL";
