// Maps as they were declared before BTF: 20 bytes with flags, 28 bytes with an id and a pinning.
#include "common.bpf.h"

struct bpf_map_def {
  __u32 type, key_size, value_size, max_entries, map_flags;
};

struct pair {
  __u32 key;
  __u64 value;
};

struct bpf_map_def SEC("maps") old_hash = {BPF_MAP_TYPE_HASH, 4, 8, 100, BPF_F_NO_PREALLOC};
struct bpf_map_def SEC("maps") old_array = {BPF_MAP_TYPE_ARRAY, 4, 16, 3, 0};

struct long_map_def {
  __u32 type, key_size, value_size, max_entries, map_flags, id, pinning;
};
struct long_map_def SEC("maps/pinned") old_pinned = {BPF_MAP_TYPE_LRU_HASH, 4, 8, 7, 0, 0, 1};

// What BPF_ANNOTATE_KV_PAIR made.
struct ____btf_map_old_hash {
  __u32 key;
  __u64 value;
};
struct ____btf_map_old_hash __attribute__((section(".maps.old_hash"), used)) ____btf_map_old_hash = {};

SEC("socket")
int count(struct __sk_buff *skb) {
  __u32 key = skb->protocol;
  __u64 *value = bpf_map_lookup_elem(&old_hash, &key);
  void *other = bpf_map_lookup_elem(&old_array, &key), *third = bpf_map_lookup_elem(&old_pinned, &key);
  return value && other && third;
}

char _license[] SEC("license") = "GPL";
