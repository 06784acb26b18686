// Programs of one object that ask different things of one type, and share a function that asks a third.
#include "../elf/common.bpf.h"

typedef _Bool bool;

#include <bpf/bpf_core_read.h>

struct cfg {
  int x, y, w;
} __attribute__((preserve_access_index));

unsigned long found;

static __attribute__((noinline)) int offset_of_x(struct cfg *cfg, int k) { return bpf_core_field_offset(cfg->x) + k; }

SEC("kprobe/first")
int asks_for_y(void *ctx) {
  struct cfg *cfg = ctx;
  found = bpf_core_field_exists(cfg->y);
  return offset_of_x(cfg, found);
}

SEC("kprobe/second")
int asks_for_w(void *ctx) {
  struct cfg *cfg = ctx;
  found = bpf_core_field_exists(cfg->w);
  return offset_of_x(cfg, found);
}

SEC("?kprobe/third")
int asks_for_z(void *ctx) {
  struct cfg___other {
    long z;
  } __attribute__((preserve_access_index)) *cfg = ctx;
  found = bpf_core_field_exists(cfg->z);
  return bpf_core_field_offset(cfg->z);
}

char _license[] SEC("license") = "GPL";
