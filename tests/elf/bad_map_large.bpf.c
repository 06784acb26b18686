// libbpf refuses this, and so do we: the value has more bytes than 32 bits can say.
#include "common.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, char[65536][65536]);
} wrong SEC(".maps");
