// What the fixtures of this folder share: every program writes what helpers answered into `out`, so that
// the same object can be run by the kernel and by an engine of ours, and the two compared.
#pragma once

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define SLOTS 64

// One answer a slot. In .bss, volatile: each store happens where it is written.
volatile __u64 out[SLOTS];
// Room for bytes that helpers write, compared as well.
char text[128];

#define ANSWER(slot, expression) (out[slot] = (__u64)(__s64)(expression))

char _license[] SEC("license") = "GPL";
