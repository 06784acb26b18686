// libbpf refuses this, and so do we: the map has no type.
#include "common.bpf.h"

struct {
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} wrong SEC(".maps");
