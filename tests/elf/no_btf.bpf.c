// Without debugging information: code, data and legacy maps load all the same.
// flags: -g0
#include "common.bpf.h"

struct bpf_map_def {
  __u32 type, key_size, value_size, max_entries, map_flags;
};
struct bpf_map_def SEC("maps") plain = {BPF_MAP_TYPE_HASH, 4, 4, 10, 0};

int number = 3;
static __attribute__((noinline)) int helper(int x) { return x + number; }

SEC("tc")
int use(struct __sk_buff *skb) { return bpf_map_lookup_elem(&plain, skb) ? helper(1) : helper(2); }
