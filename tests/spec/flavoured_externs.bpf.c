// One kernel function declared with the prototypes of several kernels: the one that fits is called.
#include "../elf/common.bpf.h"

struct task_struct {
  int pid;
};

extern void bpf_task_release___old(struct task_struct *p, int flags) __ksym __weak;
extern void bpf_task_release___now(struct task_struct *p) __ksym __weak;

SEC("kprobe/do_nothing")
int flavours(void *ctx) {
  if (bpf_task_release___old) bpf_task_release___old(ctx, 0);
  else if (bpf_task_release___now) bpf_task_release___now(ctx);
  return 0;
}

char _license[] SEC("license") = "GPL";
