// One classifier, no maps.
#include "../elf/common.bpf.h"

#include <linux/pkt_cls.h>

SEC("tc")
int mark(struct __sk_buff *skb) {
  skb->cb[0] = skb->len;
  return skb->ifindex == 7 ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
