// CO-RE relocations in a program, and in functions that it calls.
#include "common.bpf.h"

#include <bpf/bpf_core_read.h>

struct task {
  int pid;
  struct task *parent;
  unsigned char bits : 3;
} __attribute__((preserve_access_index));

static __attribute__((noinline)) int pid_of(struct task *task) {
  int pid = 0;
  bpf_core_read(&pid, sizeof pid, &task->pid);
  return pid;
}

static __attribute__((noinline)) int parent_of(struct task *task) {
  struct task *parent = 0;
  bpf_core_read(&parent, sizeof parent, &task->parent);
  return pid_of(parent);
}

SEC("kprobe/one")
int one(void *ctx) { return pid_of(ctx) + bpf_core_field_exists(((struct task *)0)->parent); }

SEC("kprobe/two")
int two(void *ctx) { return parent_of(ctx) + (int)bpf_core_type_id_local(struct task); }

char _license[] SEC("license") = "GPL";
