// One program that calls functions of several kinds and uses no map, so that the kernel takes it as it is.
#include "../elf/common.bpf.h"

struct pair {
  int low;
  long high;
};

// Nobody here uses it.
__attribute__((noinline)) int unrelated(struct pair *pair) { return pair ? pair->low : 0; }

static __attribute__((noinline)) int local(int x) {
  asm volatile("" : "+r"(x));
  return x * 3;
}

__attribute__((noinline)) int global(int x) {
  asm volatile("" : "+r"(x));
  return local(x) + 1;
}

__hidden __attribute__((noinline)) int hidden(struct __sk_buff *skb) {
  asm volatile("" ::: "memory");
  return skb->len;
}

SEC("tc")
int main_program(struct __sk_buff *skb) { return global(skb->mark) + hidden(skb); }

SEC("socket")
int other_program(struct __sk_buff *skb) { return global(skb->len); }

char LICENSE[] SEC("license") = "GPL";
