// Kernel configuration, kernel symbols and kernel functions, weak and strong.
#include "common.bpf.h"

extern int LINUX_KERNEL_VERSION __kconfig;
extern _Bool CONFIG_BPF __kconfig;
extern char CONFIG_CC_VERSION_TEXT[64] __kconfig;
extern enum libbpf_tristate CONFIG_EXT4_FS __kconfig __weak;
extern __u64 CONFIG_HUGE __kconfig __weak;
extern __u16 CONFIG_SHORT __kconfig __weak;
extern char CONFIG_LETTER __kconfig __weak;

extern const void bpf_link_fops __ksym;
extern const void missing_symbol __ksym __weak;
extern const int runqueue_like __ksym __weak;

struct task_struct;
extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;

__u64 seen;

SEC("raw_tp/sys_enter")
int read_configuration(void *ctx) {
  seen = LINUX_KERNEL_VERSION;
  if (CONFIG_BPF) seen += CONFIG_CC_VERSION_TEXT[3];
  if (CONFIG_EXT4_FS == TRI_MODULE) seen++;
  return (int)CONFIG_HUGE + CONFIG_SHORT + CONFIG_LETTER;
}

SEC("raw_tp/sys_exit")
int read_symbols(void *ctx) {
  seen = (__u64)&bpf_link_fops;
  if (&missing_symbol) seen++;
  if (&runqueue_like) seen += 2;
  return 0;
}

SEC("tp_btf/task_newtask")
int call_kernel(__u64 *ctx) {
  struct task_struct *task = bpf_task_acquire((void *)ctx[0]);
  if (task && bpf_task_release) bpf_task_release(task);
  return 0;
}

char _license[] SEC("license") = "GPL";
