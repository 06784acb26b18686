// flags: -idirafter /usr/include/x86_64-linux-gnu
// Internet checksums: differences of buffers, and their replacement in a packet.
#include "answers.bpf.h"

static __u32 numbers[8] = {0x11223344, 0xffffffff, 0xfffffffe, 1, 0x80000000, 0xdeadbeef, 0, 0xffff0000};

SEC("tc") int difference(struct __sk_buff* skb) {
  __u32 buffer[8];
  __builtin_memcpy(buffer, numbers, 32);
  ANSWER(0, bpf_csum_diff(0, 0, buffer, 4, 0));
  ANSWER(1, bpf_csum_diff(buffer, 4, 0, 0, 0));
  ANSWER(2, bpf_csum_diff(buffer, 4, buffer + 1, 4, 0));
  ANSWER(3, bpf_csum_diff(buffer, 32, 0, 0, 0));
  ANSWER(4, bpf_csum_diff(0, 0, buffer, 32, 0));
  ANSWER(5, bpf_csum_diff(0, 0, buffer, 32, 0xffff));
  ANSWER(6, bpf_csum_diff(0, 0, buffer, 32, 0xffffffff));
  ANSWER(7, bpf_csum_diff(buffer, 8, buffer + 2, 16, 0x12345678));
  ANSWER(8, bpf_csum_diff(buffer, 3, 0, 0, 0));
  ANSWER(9, bpf_csum_diff(buffer, 4, buffer, 6, 0));
  ANSWER(10, bpf_csum_diff(0, 0, 0, 0, 0));
  ANSWER(11, bpf_csum_diff(0, 0, 0, 0, 0x12345678));
  ANSWER(12, bpf_csum_diff(buffer, 4, buffer, 4, 0));
  ANSWER(13, bpf_csum_diff(buffer, 4, buffer, 4, 0x1234));
  ANSWER(14, bpf_csum_diff(buffer, 16, buffer + 4, 8, 0));
  ANSWER(15, bpf_csum_diff(buffer + 6, 4, 0, 0, 0));
  ANSWER(16, bpf_csum_diff(0, 0, buffer + 6, 4, 0));
  ANSWER(17, bpf_csum_diff(0, 0, buffer + 1, 4, 0));
  ANSWER(18, bpf_csum_diff(buffer + 1, 4, 0, 0, 0));
  ANSWER(19, bpf_csum_diff(buffer + 1, 4, buffer + 1, 4, 0));
  ANSWER(20, bpf_csum_diff(buffer, 8, buffer, 8, 0));
  ANSWER(21, bpf_csum_diff(buffer, 4, buffer + 3, 4, 0xffffffff));
  ANSWER(22, bpf_csum_diff(0, 0, buffer + 7, 4, 0));
  ANSWER(23, bpf_csum_diff(0, 0, buffer + 3, 4, 0xffff0000));
  ANSWER(24, bpf_csum_diff(buffer + 3, 4, 0, 0, 0xffff0000));
  ANSWER(25, bpf_csum_diff(buffer, 32, buffer, 32, 0));
  ANSWER(26, bpf_csum_diff(buffer, 28, buffer + 1, 28, 0x8000));
  return 0;
}

#define L3(slot, offset, from, to, flags) ANSWER(slot, bpf_l3_csum_replace(skb, offset, from, to, flags))
#define L4(slot, offset, from, to, flags) ANSWER(slot, bpf_l4_csum_replace(skb, offset, from, to, flags))

SEC("tc") int l3_replace(struct __sk_buff* skb) {
  L3(0, 24, 0x1234, 0x5678, 2);
  L3(1, 26, 0x12345678, 0x9abcdef0, 4);
  L3(2, 28, 0, 0xfedcba98, 0);
  L3(3, 30, 1, 2, 3);
  L3(4, 30, 1, 2, 0x10);
  L3(5, 31, 1, 2, 2);
  L3(6, 0x10000, 1, 2, 2);
  L3(7, skb->len - 1, 1, 2, 2);
  L3(8, skb->len - 2, 1, 2, 2);
  L3(9, 32, 1, 2, 0);
  L3(10, 34, 0x11111, 0x22222, 2);
  L3(11, 36, 0xffff, 0xffff, 2);
  L3(12, 38, 0, 0, 4);
  L3(13, 40, 0, 0x1ffff, 0);
  L3(14, 42, 0x123456789, 0xabcdef012, 4);
  L3(15, 44, 0, 0x123456789, 0);
  L3(16, 46, 0, 0, 0);
  return 0;
}

SEC("tc") int l4_replace(struct __sk_buff* skb) {
  L4(0, 24, 0x1234, 0x5678, 2);
  L4(1, 26, 0x12345678, 0x9abcdef0, 4 | BPF_F_PSEUDO_HDR);
  L4(2, 28, 0, 0xfedcba98, 0);
  L4(3, 30, 1, 2, 3);
  L4(4, 30, 1, 2, 0x100);
  L4(5, 31, 1, 2, 2);
  L4(6, 0x10000, 1, 2, 2);
  L4(7, skb->len - 1, 1, 2, 2);
  L4(8, skb->len - 2, 1, 2, 2);
  L4(9, 18, 1, 2, 2 | BPF_F_MARK_MANGLED_0);
  L4(10, 20, 0, 0, 2 | BPF_F_MARK_MANGLED_0);
  L4(11, 32, 1, 2, 0);
  L4(12, 34, 0x11111, 0x22222, 2 | BPF_F_MARK_ENFORCE);
  L4(13, 36, 0, 0, 4 | BPF_F_MARK_MANGLED_0 | BPF_F_MARK_ENFORCE);
  L4(14, 38, 0, 0x1ffff, BPF_F_PSEUDO_HDR);
  L4(15, 40, 0, 0x1234, 0x80 | 2);
  L4(16, 42, 0x123456789, 0xabcdef012, 4);
  return 0;
}

// A checksum that is 0, and one that becomes 0.
SEC("tc") int l4_zeros(struct __sk_buff* skb) {
  __u16 zero = 0;
  bpf_skb_store_bytes(skb, 24, &zero, 2, 0);
  bpf_skb_store_bytes(skb, 26, &zero, 2, 0);
  L4(0, 24, 1, 2, 2);
  L4(1, 26, 1, 2, 2 | BPF_F_MARK_MANGLED_0);
  bpf_skb_store_bytes(skb, 28, &zero, 2, 0);
  L4(2, 28, 1, 2, 2 | BPF_F_MARK_MANGLED_0 | BPF_F_MARK_ENFORCE);
  __u16 three = 3;
  bpf_skb_store_bytes(skb, 30, &three, 2, 0);
  L4(3, 30, 0, 3, 2 | BPF_F_MARK_MANGLED_0);
  bpf_skb_store_bytes(skb, 32, &three, 2, 0);
  L4(4, 32, 0, 3, 2);
  return 0;
}
