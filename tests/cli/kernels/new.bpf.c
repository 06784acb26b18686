// The types of a kernel for tests/spec/core_check.bpf.c: all that it asks for, at other places.
struct task {
  long wide;
  int cpu, state, pid;
} task;
struct gone {
  int a;
} gone;
enum mode { MODE_SLOW, MODE_FAST = 9 } mode;
