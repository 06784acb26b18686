// What the programs below have in common: `in` is memory laid out as the target's types say, `out` is what the
// program found there as its own types know it. The test fills the one and reads the other.
#pragma once

#define _LINUX_TYPES_H
typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef __u16 __sum16;
#define __aligned_u64 __u64 __attribute__((aligned(8)))
typedef _Bool bool;

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define PROGRAM SEC("raw_tracepoint/sys_enter")
#define RELOCATED __attribute__((preserve_access_index))

char in[512] __attribute__((aligned(8)));
char _license[] SEC("license") = "GPL";

#define READ(to, from) bpf_core_read(&(to), sizeof(to), &(from))
// The compiler must not merge what two records say.
#define apart() asm volatile("" ::: "memory")
