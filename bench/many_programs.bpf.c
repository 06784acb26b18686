// A large object for the load bench: 100 programs and 100 functions that they call, over 2 MB with its types,
// lines and debugging information. The bodies are made of copies that the compiler cannot merge.
#include "../tests/elf/common.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, __u32);
  __type(value, __u64);
} table SEC(".maps");

__u64 counters[256];
const volatile __u32 limit = 7;

#define STEP(n)                                             \
  key = key * 31 + n;                                       \
  value = bpf_map_lookup_elem(&table, &key);                \
  if (value) {                                              \
    *value += n + limit;                                    \
    counters[n & 255] += *value;                            \
  }
#define STEP4(n) STEP(n) STEP(n + 1) STEP(n + 2) STEP(n + 3)
#define STEP16(n) STEP4(n) STEP4(n + 4) STEP4(n + 8) STEP4(n + 12)
#define STEP64(n) STEP16(n) STEP16(n + 16) STEP16(n + 32) STEP16(n + 48)

#define PROGRAM(n)                                                        \
  static __attribute__((noinline)) __u32 helper_##n(__u32 key) {          \
    __u64 *value;                                                         \
    STEP4(n)                                                              \
    return key;                                                           \
  }                                                                       \
  SEC("tc") int program_##n(struct __sk_buff *skb) {                      \
    __u32 key = skb->len;                                                 \
    __u64 *value;                                                         \
    STEP64(n)                                                             \
    return (int)helper_##n(key);                                          \
  }

#define TEN(n) \
  PROGRAM(n##0) PROGRAM(n##1) PROGRAM(n##2) PROGRAM(n##3) PROGRAM(n##4) PROGRAM(n##5) PROGRAM(n##6) PROGRAM(n##7) \
  PROGRAM(n##8) PROGRAM(n##9)

TEN(1) TEN(2) TEN(3) TEN(4) TEN(5) TEN(6) TEN(7) TEN(8) TEN(9) TEN(10)

char _license[] SEC("license") = "GPL";
