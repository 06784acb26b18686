// The constant of a long field is the only enumerator of an enum: of 4 bytes, or of 8.
#include "common.bpf.h"

#ifndef __ulong
#define __ulong(name, val) enum { name##_of_##val = val } name
#endif

struct {
  __uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
  __uint(max_entries, 100);
  __type(value, __u64);
  __ulong(map_extra, 7);
} small SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
  __uint(max_entries, 100);
  __type(value, __u64);
  __ulong(map_extra, 0x123456789a);
} large SEC(".maps");

char _license[] SEC("license") = "GPL";
