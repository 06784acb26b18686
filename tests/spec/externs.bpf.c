// Names of the kernel that libbpf finds or may miss, in every form that a program can use them in.
#include "../elf/common.bpf.h"

struct task_struct {
  int pid;
};
struct rq {
  int cpu;
};

extern _Bool CONFIG_BPF __kconfig;
extern int LINUX_KERNEL_VERSION __kconfig;

extern const void bpf_prog_put __ksym;
extern const void no_such_symbol __ksym __weak;

extern const int bpf_prog_active __ksym;
extern const struct rq runqueues __ksym;
extern const int no_such_variable __ksym __weak;

extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym __weak;
extern void no_such_function(struct task_struct *p) __ksym __weak;

#define KPROBE SEC("kprobe/do_nothing")

KPROBE int typeless(void *ctx) { return (long)&bpf_prog_put; }
KPROBE int typeless_weak(void *ctx) { return &no_such_symbol ? 1 : 2; }
KPROBE int typed(void *ctx) { return (long)&bpf_prog_active + (long)&runqueues; }
KPROBE int typed_weak(void *ctx) { return &no_such_variable ? 1 : 2; }

KPROBE int function(void *ctx) {
  bpf_task_release(bpf_task_acquire(ctx));
  return 0;
}
KPROBE int function_address(void *ctx) { return bpf_task_release ? 1 : 2; }
KPROBE int function_weak(void *ctx) {
  if (no_such_function) no_such_function(ctx);
  return 0;
}

KPROBE int configuration(void *ctx) { return CONFIG_BPF + LINUX_KERNEL_VERSION; }

char _license[] SEC("license") = "GPL";
