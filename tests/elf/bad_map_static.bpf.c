// libbpf refuses this, and so do we: the map is static.
#include "common.bpf.h"

static struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} wrong SEC(".maps");
