// libbpf refuses this, and so do we: the map is hidden, which counts as static.
#include "common.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} wrong __hidden SEC(".maps");

SEC("xdp") int reads(struct xdp_md* ctx) {
  __u32 key = 0;
  return bpf_map_lookup_elem(&wrong, &key) != 0;
}

char _license[] SEC("license") = "GPL";
