// Structures of functions. libbpf 1.1 knows the first section alone.
#include "common.bpf.h"

struct demo_ops {
  int (*init)(void *ctx);
  void (*release)(void *ctx);
  unsigned int flags;
  int (*optional)(void *ctx);
  char name[16];
};

SEC("struct_ops/init")
int demo_init(void *ctx) { return 1; }

SEC("struct_ops.s/release")
int demo_release(void *ctx) { return 2; }

SEC(".struct_ops")
struct demo_ops demo = {
    .init = (void *)demo_init,
    .release = (void *)demo_release,
    .flags = 5,
    .name = "demo",
};

SEC(".struct_ops.link")
struct demo_ops linked = {
    .optional = (void *)demo_init,
    .name = "linked",
};

SEC("?.struct_ops.link")
struct demo_ops not_created = {
    .release = (void *)demo_release,
};

char _license[] SEC("license") = "GPL";
