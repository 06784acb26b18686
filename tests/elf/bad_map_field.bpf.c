// libbpf refuses this, and so do we: there is no such field.
#include "common.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __uint(colour, 3);
} wrong SEC(".maps");
