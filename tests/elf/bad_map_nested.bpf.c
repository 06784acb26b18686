// libbpf refuses this, and so do we: maps in maps in maps.
#include "common.bpf.h"

struct innermost {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
};
struct inner {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 1);
  __uint(key_size, 4);
  __array(values, struct innermost);
};
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 1);
  __uint(key_size, 4);
  __array(values, struct inner);
} wrong SEC(".maps");
