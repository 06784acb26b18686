// What every fixture includes. Debian keeps <asm/types.h> in a folder that -target bpf does not search, so
// the kernel's integer types are declared here, and <linux/types.h> is told to stay away.
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
typedef __u16 __le16;
typedef __u32 __le32;
typedef __u64 __le64;
#define __aligned_u64 __u64 __attribute__((aligned(8)))
typedef __u32 __wsum;
typedef __u16 __sum16;

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
