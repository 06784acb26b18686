// flags: -idirafter /usr/include/x86_64-linux-gnu
// Reading memory that may not be there.
#include "answers.bpf.h"

static const char word[] = "abcdefg", empty[] = "";

SEC("tc") int kernel(struct __sk_buff* skb) {
  __builtin_memset(text, 0x55, sizeof text);
  ANSWER(0, bpf_probe_read_kernel(text, 4, word));
  ANSWER(1, bpf_probe_read_kernel(text + 16, 8, (void*)0));
  ANSWER(2, bpf_probe_read_kernel(text + 32, 8, (void*)0x1000));
  ANSWER(3, bpf_probe_read_kernel(text + 48, 0, word));
  ANSWER(4, bpf_probe_read_kernel(text + 64, 8, (void*)-8));
  ANSWER(5, bpf_probe_read_kernel(text + 80, 8, (void*)0xffff000000000000));
  ANSWER(6, bpf_probe_read_kernel(text + 96, 8, (void*)0x8000000000000000));
  ANSWER(7, bpf_probe_read_kernel(text + 112, 0, (void*)0));
  return 0;
}

SEC("tc") int kernel_string(struct __sk_buff* skb) {
  __builtin_memset(text, 0x55, sizeof text);
  ANSWER(0, bpf_probe_read_kernel_str(text, 4, word));
  ANSWER(1, bpf_probe_read_kernel_str(text + 16, 16, word));
  ANSWER(2, bpf_probe_read_kernel_str(text + 32, 8, (void*)0));
  ANSWER(3, bpf_probe_read_kernel_str(text + 48, 0, word));
  ANSWER(4, bpf_probe_read_kernel_str(text + 64, 1, word));
  ANSWER(5, bpf_probe_read_kernel_str(text + 80, 8, word));
  ANSWER(6, bpf_probe_read_kernel_str(text + 96, 8, empty));
  ANSWER(7, bpf_probe_read_kernel_str(text + 112, 8, (void*)-8));
  return 0;
}

SEC("tc") int user(struct __sk_buff* skb) {
  __builtin_memset(text, 0x55, sizeof text);
  ANSWER(0, bpf_probe_read_user(text, 8, (void*)0));
  ANSWER(1, bpf_probe_read_user(text + 16, 8, (void*)0x1000));
  ANSWER(2, bpf_probe_read_user(text + 32, 8, (void*)-8));
  ANSWER(3, bpf_probe_read_user(text + 48, 0, (void*)0));
  ANSWER(4, bpf_probe_read_user_str(text + 64, 8, (void*)0));
  ANSWER(5, bpf_probe_read_user_str(text + 80, 0, (void*)0));
  ANSWER(6, bpf_probe_read_user_str(text + 96, 8, (void*)-8));
  return 0;
}
