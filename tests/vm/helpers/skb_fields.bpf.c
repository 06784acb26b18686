// flags: -idirafter /usr/include/x86_64-linux-gnu
// What each kind of program finds in a fresh __sk_buff.
#include "answers.bpf.h"

#define COMMON(skb)                    \
  out[0] = (skb)->len;                 \
  out[1] = (skb)->pkt_type;            \
  out[2] = (skb)->mark;                \
  out[3] = (skb)->queue_mapping;       \
  out[4] = (skb)->protocol;            \
  out[5] = (skb)->vlan_present;        \
  out[6] = (skb)->vlan_tci;            \
  out[7] = (skb)->vlan_proto;          \
  out[8] = (skb)->priority;            \
  out[9] = (skb)->ingress_ifindex;     \
  out[10] = (skb)->ifindex;            \
  out[12] = (skb)->cb[0];              \
  out[13] = (skb)->cb[1];              \
  out[14] = (skb)->cb[2];              \
  out[15] = (skb)->cb[3];              \
  out[16] = (skb)->cb[4];              \
  out[17] = (skb)->hash;               \
  out[18] = (skb)->gso_segs;           \
  out[19] = (skb)->gso_size

#define DATA(skb) out[20] = (__u32)((skb)->data_end - (skb)->data)

#define FAMILY(skb)                    \
  out[21] = (skb)->napi_id;            \
  out[22] = (skb)->family;             \
  out[23] = (skb)->remote_ip4;         \
  out[24] = (skb)->local_ip4;          \
  out[25] = (skb)->remote_port;        \
  out[26] = (skb)->local_port;         \
  out[27] = (skb)->remote_ip6[0];      \
  out[28] = (skb)->local_ip6[3]

#define TRAFFIC_CONTROL(skb)                             \
  out[11] = (skb)->tc_index;                             \
  out[30] = (skb)->tc_classid;                           \
  out[31] = (skb)->tstamp;                               \
  out[32] = (skb)->wire_len;                             \
  out[33] = (skb)->tstamp_type;                          \
  out[34] = (skb)->hwtstamp;                             \
  out[35] = (__u32)((skb)->data - (skb)->data_meta)

SEC("tc") int tc_fields(struct __sk_buff* skb) {
  COMMON(skb);
  DATA(skb);
  TRAFFIC_CONTROL(skb);
  return 0;
}

SEC("action") int act_fields(struct __sk_buff* skb) {
  COMMON(skb);
  DATA(skb);
  TRAFFIC_CONTROL(skb);
  return 0;
}

SEC("cgroup_skb/ingress") int cgroup_fields(struct __sk_buff* skb) {
  COMMON(skb);
  DATA(skb);
  FAMILY(skb);
  out[31] = skb->tstamp;
  return 1;
}

SEC("socket") int socket_fields(struct __sk_buff* skb) {
  COMMON(skb);
  return (int)skb->len;
}

SEC("lwt_in") int lwt_in_fields(struct __sk_buff* skb) {
  COMMON(skb);
  DATA(skb);
  return 0;
}

SEC("lwt_xmit") int lwt_xmit_fields(struct __sk_buff* skb) {
  COMMON(skb);
  DATA(skb);
  return 0;
}

SEC("cgroup_skb/ingress") int cgroup_first_bytes(struct __sk_buff* skb) {
  void* data = (void*)(long)skb->data;
  if (data + 14 > (void*)(long)skb->data_end) return 0;
  __builtin_memcpy(text, data, 14);
  return 1;
}

#define WRITE(field, value) (*(volatile __typeof__(field)*)&(field) = (value))

// Written fields are read back, and those that the machine keeps do not change.
SEC("tc") int tc_writes(struct __sk_buff* skb) {
  WRITE(skb->mark, 7);
  WRITE(skb->priority, 0x10001);
  WRITE(skb->queue_mapping, 3);
  WRITE(skb->tc_index, 0x1234);
  WRITE(skb->tc_classid, 0x20003);
  WRITE(skb->cb[0], 1);
  WRITE(skb->cb[4], 5);
  WRITE(skb->tstamp, 1234567890123);
  COMMON(skb);
  TRAFFIC_CONTROL(skb);
  return 0;
}
