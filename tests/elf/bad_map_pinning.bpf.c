// libbpf refuses this, and so do we: there is no such pinning.
#include "common.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
  __uint(pinning, 2);
} wrong SEC(".maps");
