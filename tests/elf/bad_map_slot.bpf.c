// libbpf refuses this, and so do we: the slot holds a function that is no program.
#include "common.bpf.h"

int no_program(void *ctx) { return 1; }

SEC("tc")
int program(void *ctx) { return 2; }

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 1);
  __uint(key_size, 4);
  __array(values, int(void *));
} wrong SEC(".maps") = {.values = {[0] = (void *)&no_program}};
