// Programs that meet kernels which have other fields, types and enumerators than they were compiled with. The tests
// name lines of this file by their text.
#include "../elf/common.bpf.h"

#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task {
  int pid;
  int state;
  int cpu;
  long wide;
};
struct gone {
  int a;
};
#pragma clang attribute pop

enum mode {
  MODE_SLOW,
  MODE_FAST = 7,
};

#define PROG SEC("raw_tracepoint/sys_enter")

PROG int plain(struct task* t) { return t->pid; }

PROG int unguarded(struct task* t) {
  return t->state;  // unguarded
}

PROG int guarded(struct task* t) {
  if (bpf_core_field_exists(t->state)) return t->state;  // guarded
  return 0;
}

// The flag is in memory when it is asked: to know its value takes more than constants in registers.
PROG int spilled(struct task* t) {
  volatile int has_state = bpf_core_field_exists(t->state);
  if (has_state) return t->state;  // spilled
  return 0;
}

PROG int enumerators(void* ctx) {
  if (!bpf_core_enum_value_exists(enum mode, MODE_FAST)) return 0;
  return bpf_core_enum_value(enum mode, MODE_FAST);  // enumerator
}

PROG int types(struct gone* g) {
  if (!bpf_core_type_exists(struct gone)) return 0;
  return g->a;  // type
}

// Another width: a signed number would have to be extended.
PROG int sized(struct task* t) {
  return t->wide != 0;  // wide
}

static __attribute__((noinline)) int cpu_of(struct task* t) {
  return t->cpu;  // shared
}
PROG int first(struct task* t) { return cpu_of(t); }
PROG int second(struct task* t) { return cpu_of(t) + 1; }

SEC("?raw_tracepoint/sys_enter") int optional(struct gone* g) {
  return g->a;  // optional
}

char _license[] SEC("license") = "GPL";
