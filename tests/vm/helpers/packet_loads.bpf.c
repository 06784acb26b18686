// flags: -idirafter /usr/include/x86_64-linux-gnu
// Legacy packet access (BPF_LD_ABS, BPF_LD_IND) with offsets from the network and the link layer header. A load out of
// range ends the program with 0, so each of those has a program of its own.
#include "answers.bpf.h"

#include <linux/filter.h>

unsigned long long load_byte(void* skb, unsigned long long offset) asm("llvm.bpf.load.byte");
unsigned long long load_half(void* skb, unsigned long long offset) asm("llvm.bpf.load.half");
unsigned long long load_word(void* skb, unsigned long long offset) asm("llvm.bpf.load.word");

#define LOADS(skb)                                \
  do {                                            \
    out[0] = load_byte(skb, 0);                   \
    out[1] = load_half(skb, 2);                   \
    out[2] = load_word(skb, 12);                  \
    out[3] = load_byte(skb, SKF_LL_OFF);          \
    out[4] = load_half(skb, SKF_LL_OFF + 12);     \
    out[5] = load_word(skb, SKF_LL_OFF + 14);     \
    out[6] = load_byte(skb, SKF_NET_OFF);         \
    out[7] = load_half(skb, SKF_NET_OFF + 2);     \
    out[8] = load_word(skb, SKF_NET_OFF + 12);    \
    int last = (int)(skb)->len - 4;               \
    out[9] = load_word(skb, last);                \
    int link = SKF_LL_OFF + (int)(out[0] & 7);    \
    out[10] = load_half(skb, link);               \
    int network = SKF_NET_OFF + (int)(out[0] & 7); \
    out[11] = load_word(skb, network);            \
  } while (0)

SEC("socket") int socket_loads(struct __sk_buff* skb) {
  LOADS(skb);
  return 7;
}
SEC("tc") int tc_loads(struct __sk_buff* skb) {
  LOADS(skb);
  return 7;
}
SEC("action") int action_loads(struct __sk_buff* skb) {
  LOADS(skb);
  return 7;
}

// Where the headers are after the packet changed.
SEC("tc") int loads_after_change(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_change_head(skb, 6, 0));
  out[1] = load_word(skb, SKF_LL_OFF + 6);
  out[2] = load_word(skb, SKF_NET_OFF);
  ANSWER(3, bpf_skb_vlan_push(skb, 0x81, 5));
  ANSWER(4, bpf_skb_vlan_push(skb, 0x81, 6));
  out[5] = load_word(skb, SKF_LL_OFF + 12);
  out[6] = load_word(skb, SKF_NET_OFF);
  return 7;
}

#define OUTSIDE(name, section, offset)             \
  SEC(section) int name(struct __sk_buff* skb) {   \
    out[0] = 1;                                    \
    out[1] = load_word(skb, offset);               \
    return 7;                                      \
  }
OUTSIDE(before, "socket", -1)
OUTSIDE(before_network, "socket", SKF_NET_OFF - 1)
OUTSIDE(before_link, "socket", SKF_LL_OFF - 1)
OUTSIDE(far_before, "socket", (int)0x80000000)
OUTSIDE(behind, "socket", (int)skb->len - 3)
OUTSIDE(behind_network, "socket", SKF_NET_OFF + (int)skb->len - 3)
OUTSIDE(last_of_network, "socket", SKF_NET_OFF + (int)skb->len - 4)
OUTSIDE(behind_link, "socket", SKF_LL_OFF + 14 + (int)skb->len - 3)
OUTSIDE(last_of_link, "socket", SKF_LL_OFF + 14 + (int)skb->len - 4)
OUTSIDE(tc_before, "tc", -1)
OUTSIDE(tc_before_link, "tc", SKF_LL_OFF - 1)
OUTSIDE(tc_behind_network, "tc", SKF_NET_OFF + (int)skb->len - 17)
OUTSIDE(tc_last_of_network, "tc", SKF_NET_OFF + (int)skb->len - 18)
