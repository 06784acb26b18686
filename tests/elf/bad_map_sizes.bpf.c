// libbpf refuses this, and so do we: the key's size is not that of its type.
#include "common.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, __u32);
  __uint(key_size, 8);
  __type(value, __u32);
} wrong SEC(".maps");
