// libbpf refuses this, and so do we: `values` comes before `type`.
#include "common.bpf.h"

struct {
  __uint(max_entries, 1);
  __uint(key_size, 4);
  __array(values, int(void *));
} wrong SEC(".maps");
