// What a program asks of its kernel's configuration: options of the types that take a letter, virtual ones, weak ones.
#include "../elf/common.bpf.h"

extern _Bool CONFIG_BOOL __kconfig;
extern enum libbpf_tristate CONFIG_MODULE __kconfig;
extern char CONFIG_LETTER __kconfig;
extern int CONFIG_WEAK __kconfig __weak;
extern int LINUX_KERNEL_VERSION __kconfig;
extern _Bool LINUX_HAS_BPF_COOKIE __kconfig;
extern _Bool LINUX_HAS_SYSCALL_WRAPPER __kconfig;
extern int LINUX_NO_SUCH_WEAK __kconfig __weak;
extern int LINUX_NO_SUCH __kconfig;

int boolean, module, letter, version, cookie, wrapper;

SEC("xdp")
int letters(void *ctx) {
  boolean = CONFIG_BOOL;
  module = CONFIG_MODULE;
  letter = CONFIG_LETTER;
  return XDP_PASS;
}

SEC("xdp")
int weak(void *ctx) {
  return CONFIG_WEAK + LINUX_NO_SUCH_WEAK;
}

SEC("xdp")
int kernel(void *ctx) {
  version = LINUX_KERNEL_VERSION;
  cookie = LINUX_HAS_BPF_COOKIE;
  wrapper = LINUX_HAS_SYSCALL_WRAPPER;
  return XDP_PASS;
}

SEC("xdp")
int strong(void *ctx) {
  return LINUX_NO_SUCH;
}

char _license[] SEC("license") = "GPL";
