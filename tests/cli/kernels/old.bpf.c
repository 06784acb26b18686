// The types of a kernel for tests/spec/core_check.bpf.c: names have changed since.
struct task {
  int pid;
  int __state;
  int recent_used_cpu;
  long wide;
} task;
enum mode { MODE_SLOW, MODE_FASTER } mode;
