// Programs by section: exact names, names with an extra, names that match nothing, sleepable and fragments,
// programs that are not to be loaded, and several in one section.
#include "common.bpf.h"

#define PROGRAM(name, section) \
  SEC(section)                 \
  int name(void *ctx) { return 0; }

PROGRAM(filter, "socket")
PROGRAM(probe, "kprobe/tcp_connect+0x10")
PROGRAM(bare_probe, "kprobe")
PROGRAM(return_probe, "kretprobe/tcp_connect")
PROGRAM(sleepable_probe, "uprobe.s//bin/sh:main")
PROGRAM(tc_classifier, "tc")
PROGRAM(legacy_classifier, "classifier")
PROGRAM(point, "tracepoint/syscalls/sys_enter_openat")
PROGRAM(entry, "fentry/vfs_read")
PROGRAM(sleepable_entry, "fentry.s/vfs_read")
PROGRAM(security, "lsm/file_open")
PROGRAM(system_call, "syscall")
PROGRAM(express, "xdp")
PROGRAM(fragments, "xdp.frags")
PROGRAM(device, "xdp/devmap")
PROGRAM(device_fragments, "xdp.frags/devmap")
PROGRAM(create, "cgroup/sock_create")
PROGRAM(sock, "cgroup/sock")
PROGRAM(parser, "sk_skb/stream_parser")
PROGRAM(skb, "sk_skb")
PROGRAM(unmatched_express, "xdp/x")
PROGRAM(unmatched_classifier, "tc/x")
PROGRAM(unmatched_word, "xdpfoo")
PROGRAM(optional_probe, "?kprobe/do_exit")
PROGRAM(optional_express, "?xdp")
PROGRAM(second_express, "xdp")
PROGRAM(second_probe, "kprobe/tcp_connect+0x10")

char _license[] SEC("license") = "GPL";
