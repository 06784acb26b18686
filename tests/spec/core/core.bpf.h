// What the programs below have in common: `in` is memory laid out as the target's types say, `out` is what the
// program found there as its own types know it. The test fills the one and reads the other.
#pragma once

#include "../../elf/common.bpf.h"

typedef _Bool bool;

#include <bpf/bpf_core_read.h>

#define PROGRAM SEC("raw_tracepoint/sys_enter")
#define RELOCATED __attribute__((preserve_access_index))

char in[512] __attribute__((aligned(8)));
char _license[] SEC("license") = "GPL";

#define READ(to, from) bpf_core_read(&(to), sizeof(to), &(from))
// The compiler must not merge what two records say.
#define apart() asm volatile("" ::: "memory")
