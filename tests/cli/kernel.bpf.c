// A program that asks its kernel: for the layout of a structure, for an option, for its version, for names.
#include "../elf/common.bpf.h"

struct device {
  __u32 flags;
  __u32 mtu;
} __attribute__((preserve_access_index));

extern int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_HZ __kconfig;
extern const void _stext __ksym __weak;
extern void bpf_device_touch(struct device *device) __ksym __weak;

struct device memory[4] = {{1, 2}, {3, 4}, {5, 6}, {7, 8}};
int version, hz;
__u64 text;

SEC("xdp")
int ask(struct xdp_md *ctx) {
  struct device *volatile device = memory;
  version = LINUX_KERNEL_VERSION;
  hz = CONFIG_HZ;
  text = (__u64)&_stext;
  if (bpf_device_touch) bpf_device_touch(device);
  return device->mtu;
}

char _license[] SEC("license") = "GPL";
