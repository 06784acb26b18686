// Names that a kernel lacks, or has for something else: one program each.
#include "../elf/common.bpf.h"

struct task_struct {
  int pid;
};

extern const void no_such_symbol __ksym;
extern const void init_once __ksym __weak;  // a kernel has a dozen static functions of that name
extern const struct task_struct bpf_prog_active __ksym __weak;  // an int
extern void no_such_function(struct task_struct *p) __ksym;
extern int bpf_cgroup_acquire(int wrong) __ksym;
extern int CONFIG_NO_SUCH_OPTION __kconfig;
extern int NEITHER_NOR __kconfig __weak;

#define KPROBE SEC("kprobe/do_nothing")

KPROBE int missing_symbol(void *ctx) { return (long)&no_such_symbol; }
KPROBE int ambiguous(void *ctx) { return (long)&init_once; }
KPROBE int other_variable(void *ctx) { return (long)&bpf_prog_active; }
KPROBE int missing_function(void *ctx) {
  no_such_function(ctx);
  return 0;
}
KPROBE int other_function(void *ctx) { return bpf_cgroup_acquire(1); }
KPROBE int missing_option(void *ctx) { return CONFIG_NO_SUCH_OPTION; }
KPROBE int no_option(void *ctx) { return NEITHER_NOR; }

char _license[] SEC("license") = "GPL";
