// A variable in an arena, cast between address spaces.
// flags: -mcpu=v4
#include "common.bpf.h"

#define __arena __attribute__((address_space(1)))
#ifndef __ulong
#define __ulong(name, val) enum { name##_value_of_map = val } name
#endif

struct {
  __uint(type, 33);
  __uint(map_flags, 1024);
  __uint(max_entries, 10);
  __ulong(map_extra, 0x100000000000);
} arena SEC(".maps");

int __arena in_arena = 42;
int __arena second_in_arena = 43;

SEC("syscall")
int use_arena(void *ctx) {
  bpf_map_lookup_elem(&arena, ctx);
  second_in_arena++;
  return in_arena;
}

char _license[] SEC("license") = "GPL";
