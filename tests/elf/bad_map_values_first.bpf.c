// libbpf refuses this, and so do we: `values` is not the last field.
#include "common.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  int (*values[0])(void *ctx);
  __uint(max_entries, 1);
  __uint(key_size, 4);
} wrong SEC(".maps");
