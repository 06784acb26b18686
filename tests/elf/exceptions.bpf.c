// A function that nothing calls and that a program names as the one to call when it throws.
#include "common.bpf.h"

__u64 thrown;

static __attribute__((noinline)) int count(__u64 cookie) {
  thrown += cookie;
  return (int)thrown;
}

__attribute__((noinline)) int on_throw(__u64 cookie) { return count(cookie); }

SEC("tc")
__attribute__((btf_decl_tag("exception_callback:on_throw"))) int throws(struct __sk_buff *skb) { return 1; }

SEC("tc")
int throws_not(struct __sk_buff *skb) { return 2; }

char _license[] SEC("license") = "GPL";
