// flags: -idirafter /usr/include/x86_64-linux-gnu
// Helpers that read, write and reshape the packet behind a __sk_buff.
#include "answers.bpf.h"

#define LENGTH(slot) (out[slot] = skb->len, out[(slot) + 1] = (__u32)(skb->data_end - skb->data))

SEC("tc") int load_store(struct __sk_buff* skb) {
  char buffer[16] = "0123456789abcde";
  int length = (int)skb->len;
  ANSWER(0, bpf_skb_load_bytes(skb, 0, buffer, 16));
  __builtin_memcpy(text, buffer, 16);
  ANSWER(1, bpf_skb_load_bytes(skb, length - 15, buffer, 16));
  __builtin_memcpy(text + 16, buffer, 16);
  __builtin_memset(buffer, 0x55, 16);
  ANSWER(2, bpf_skb_load_bytes(skb, -4, buffer, 4));
  ANSWER(3, bpf_skb_load_bytes(skb, 0x7fffffff, buffer, 8));
  __builtin_memcpy(text + 32, buffer, 16);
  __builtin_memset(buffer, 0x66, 16);
  ANSWER(4, bpf_skb_store_bytes(skb, 2, buffer, 4, 0));
  ANSWER(5, bpf_skb_store_bytes(skb, length - 1, buffer, 2, 0));
  ANSWER(6, bpf_skb_store_bytes(skb, length - 2, buffer, 2, 0));
  ANSWER(7, bpf_skb_store_bytes(skb, 0xffff, buffer, 2, 0));
  ANSWER(8, bpf_skb_store_bytes(skb, 0x10000, buffer, 2, 0));
  ANSWER(9, bpf_skb_store_bytes(skb, 0, buffer, 2, 4));
  ANSWER(10, bpf_skb_store_bytes(skb, 0, buffer, 2, 3));
  ANSWER(11, bpf_skb_load_bytes(skb, length, buffer, 1));
  return 0;
}

SEC("tc") int load_relative(struct __sk_buff* skb) {
  char buffer[16] = "0123456789abcde";
  ANSWER(0, bpf_skb_load_bytes_relative(skb, 0, buffer, 8, BPF_HDR_START_MAC));
  __builtin_memcpy(text, buffer, 8);
  ANSWER(1, bpf_skb_load_bytes_relative(skb, 0, buffer, 8, BPF_HDR_START_NET));
  __builtin_memcpy(text + 8, buffer, 8);
  ANSWER(2, bpf_skb_load_bytes_relative(skb, 0, buffer, 8, 2));
  __builtin_memcpy(text + 16, buffer, 8);
  ANSWER(3, bpf_skb_load_bytes_relative(skb, 0x10000, buffer, 8, BPF_HDR_START_MAC));
  ANSWER(4, bpf_skb_load_bytes_relative(skb, 60, buffer, 8, BPF_HDR_START_MAC));
  ANSWER(5, bpf_skb_load_bytes_relative(skb, 46, buffer, 8, BPF_HDR_START_NET));
  return 0;
}

SEC("cgroup_skb/ingress") int cgroup_load_relative(struct __sk_buff* skb) {
  char buffer[16] = "0123456789abcde";
  ANSWER(0, bpf_skb_load_bytes_relative(skb, 0, buffer, 8, BPF_HDR_START_MAC));
  __builtin_memcpy(text, buffer, 8);
  ANSWER(1, bpf_skb_load_bytes_relative(skb, 0, buffer, 8, BPF_HDR_START_NET));
  __builtin_memcpy(text + 8, buffer, 8);
  ANSWER(2, bpf_skb_load_bytes(skb, 0, buffer, 8));
  __builtin_memcpy(text + 16, buffer, 8);
  return 1;
}

SEC("socket") int socket_load_relative(struct __sk_buff* skb) {
  char buffer[16] = "0123456789abcde";
  ANSWER(0, bpf_skb_load_bytes_relative(skb, 0, buffer, 8, BPF_HDR_START_MAC));
  __builtin_memcpy(text, buffer, 8);
  ANSWER(1, bpf_skb_load_bytes_relative(skb, 0, buffer, 8, BPF_HDR_START_NET));
  __builtin_memcpy(text + 8, buffer, 8);
  ANSWER(2, bpf_skb_load_bytes(skb, 0, buffer, 8));
  __builtin_memcpy(text + 16, buffer, 8);
  ANSWER(3, bpf_skb_load_bytes(skb, -0x100000 + 4, buffer, 8));
  __builtin_memcpy(text + 24, buffer, 8);
  return 1;
}

SEC("tc") int pull(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_pull_data(skb, 0));
  ANSWER(1, bpf_skb_pull_data(skb, skb->len));
  ANSWER(2, bpf_skb_pull_data(skb, skb->len + 1));
  ANSWER(3, bpf_skb_pull_data(skb, 0xffffffff));
  ANSWER(4, bpf_skb_pull_data(skb, 1));
  return 0;
}

SEC("tc") int tail(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_change_tail(skb, 10, 0));
  LENGTH(1);
  ANSWER(3, bpf_skb_change_tail(skb, 100, 0));
  LENGTH(4);
  ANSWER(6, bpf_skb_change_tail(skb, 100, 1));
  ANSWER(7, bpf_skb_change_tail(skb, 65550, 0));
  LENGTH(8);
  ANSWER(10, bpf_skb_change_tail(skb, 65551, 0));
  ANSWER(11, bpf_skb_change_tail(skb, 14, 0));
  LENGTH(12);
  ANSWER(14, bpf_skb_change_tail(skb, 13, 0));
  ANSWER(15, bpf_skb_change_tail(skb, 60, 0));
  LENGTH(16);
  return 0;
}

SEC("tc") int tail_floor(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_change_tail(skb, 33, 0));
  ANSWER(1, bpf_skb_change_tail(skb, 34, 0));
  ANSWER(2, bpf_skb_change_tail(skb, 20, 0));
  ANSWER(3, bpf_skb_change_tail(skb, 15, 0));
  ANSWER(4, bpf_skb_change_tail(skb, 14, 0));
  ANSWER(5, bpf_skb_change_tail(skb, 13, 0));
  return 0;
}

SEC("tc") int head(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_change_head(skb, 8, 0));
  LENGTH(1);
  ANSWER(3, bpf_skb_change_head(skb, 8, 1));
  ANSWER(4, bpf_skb_change_head(skb, 0, 0));
  ANSWER(5, bpf_skb_change_head(skb, 300, 0));
  LENGTH(6);
  ANSWER(8, bpf_skb_change_head(skb, 70000, 0));
  ANSWER(9, bpf_skb_change_head(skb, 0xffffffff, 0));
  ANSWER(10, bpf_skb_load_bytes_relative(skb, 0, text, 8, BPF_HDR_START_MAC));
  ANSWER(11, bpf_skb_load_bytes_relative(skb, 0, text + 8, 8, BPF_HDR_START_NET));
  return 0;
}

SEC("tc") int tail_limit(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_change_tail(skb, 16065, 0));
  ANSWER(1, bpf_skb_change_tail(skb, 16064, 0));
  LENGTH(2);
  ANSWER(4, bpf_skb_adjust_room(skb, 1, BPF_ADJ_ROOM_MAC, 0));
  ANSWER(5, bpf_skb_change_head(skb, 1, 0));
  return 0;
}

SEC("lwt_xmit") int lwt_tail(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_change_tail(skb, 21, 0));
  LENGTH(1);
  ANSWER(3, bpf_skb_change_tail(skb, 14, 0));
  LENGTH(4);
  ANSWER(6, bpf_skb_change_tail(skb, 13, 0));
  ANSWER(7, bpf_skb_change_tail(skb, 0, 0));
  ANSWER(8, bpf_skb_change_head(skb, 14, 0));
  LENGTH(9);
  ANSWER(11, bpf_skb_load_bytes(skb, 0, text, 16));
  ANSWER(12, bpf_skb_pull_data(skb, 4));
  return 0;
}

// A buffer that grows in front moves the transport header that nobody set.
SEC("tc") int tail_after_room(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_adjust_room(skb, 4095, BPF_ADJ_ROOM_MAC, 0));
  ANSWER(1, bpf_skb_change_tail(skb, 200, 0));
  ANSWER(2, bpf_skb_change_tail(skb, 4029, 0));
  ANSWER(3, bpf_skb_change_tail(skb, 4030, 0));
  ANSWER(4, bpf_skb_adjust_room(skb, -100, BPF_ADJ_ROOM_MAC, 0));
  ANSWER(5, bpf_skb_change_tail(skb, 3929, 0));
  ANSWER(6, bpf_skb_change_tail(skb, 3930, 0));
  LENGTH(7);
  return 0;
}

SEC("tc") int tail_after_small_rooms(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_adjust_room(skb, 64, BPF_ADJ_ROOM_MAC, 0));
  ANSWER(1, bpf_skb_change_tail(skb, 14, 0));
  ANSWER(2, bpf_skb_adjust_room(skb, 1, BPF_ADJ_ROOM_MAC, 0));
  ANSWER(3, bpf_skb_change_tail(skb, 13, 0));
  ANSWER(4, bpf_skb_change_tail(skb, 14, 0));
  ANSWER(5, bpf_skb_adjust_room(skb, 63, BPF_ADJ_ROOM_MAC, 0));
  ANSWER(6, bpf_skb_change_tail(skb, 62, 0));
  ANSWER(7, bpf_skb_change_tail(skb, 63, 0));
  ANSWER(8, bpf_skb_adjust_room(skb, 1, BPF_ADJ_ROOM_MAC, 0));
  ANSWER(9, bpf_skb_change_tail(skb, 63, 0));
  ANSWER(10, bpf_skb_change_tail(skb, 64, 0));
  LENGTH(11);
  return 0;
}

SEC("tc") int tail_after_tail(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_change_tail(skb, 9000, 0));
  ANSWER(1, bpf_skb_change_tail(skb, 14, 0));
  ANSWER(2, bpf_skb_change_head(skb, 200, 0));
  ANSWER(3, bpf_skb_change_tail(skb, 134, 0));
  ANSWER(4, bpf_skb_change_tail(skb, 135, 0));
  ANSWER(5, bpf_skb_change_tail(skb, 9000, 0));
  ANSWER(6, bpf_skb_change_tail(skb, 134, 0));
  ANSWER(7, bpf_skb_change_tail(skb, 135, 0));
  return 0;
}

SEC("tc") int tail_after_tags(struct __sk_buff* skb) {
  for (int i = 0; i < 20; ++i) out[i] = bpf_skb_vlan_push(skb, 0, i);
  for (int i = 0; i < 24; ++i) out[20 + i] = bpf_skb_change_tail(skb, 10 + i, 0);
  LENGTH(60);
  return 0;
}

SEC("lwt_xmit") int lwt_tail_after_head(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_change_head(skb, 100, 0));
  ANSWER(1, bpf_skb_change_tail(skb, 34, 0));
  ANSWER(2, bpf_skb_change_tail(skb, 20, 0));
  ANSWER(3, bpf_skb_change_tail(skb, 21, 0));
  ANSWER(4, bpf_skb_change_head(skb, 78, 0));
  ANSWER(5, bpf_skb_change_tail(skb, 98, 0));
  ANSWER(6, bpf_skb_change_tail(skb, 99, 0));
  LENGTH(7);
  return 0;
}

SEC("tc") int decap_forgets(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_adjust_room(skb, 28, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP));
  ANSWER(1, bpf_skb_adjust_room(skb, -28, BPF_ADJ_ROOM_MAC, 1 << 7));
  ANSWER(2, bpf_skb_adjust_room(skb, 20, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4));
  ANSWER(3, bpf_skb_change_tail(skb, 33, 0));
  ANSWER(4, bpf_skb_change_tail(skb, 34, 0));
  ANSWER(5, bpf_skb_change_tail(skb, 41, 0));
  ANSWER(6, bpf_skb_change_tail(skb, 42, 0));
  return 0;
}

SEC("tc") int encap_too_small(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_adjust_room(skb, 10, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L2(14)));
  ANSWER(1,
         bpf_skb_adjust_room(skb, 14, BPF_ADJ_ROOM_MAC,
                             BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L2(13) | BPF_F_ADJ_ROOM_ENCAP_L2_ETH));
  ANSWER(2,
         bpf_skb_adjust_room(skb, 14, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L3_IPV6));
  ANSWER(3, bpf_skb_adjust_room(skb, 14, BPF_ADJ_ROOM_MAC, 1 << 9));
  ANSWER(4, bpf_skb_adjust_room(skb, 0, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4));
  ANSWER(5, bpf_skb_change_tail(skb, 34, 0));
  ANSWER(6, bpf_skb_change_tail(skb, 33, 0));
  ANSWER(7, bpf_skb_adjust_room(skb, (int)0x80000000, BPF_ADJ_ROOM_MAC, 0));
  return 0;
}

SEC("tc") int vlan_and_shape(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_vlan_push(skb, __builtin_bswap16(0x8100), 5));
  ANSWER(1, bpf_skb_vlan_push(skb, __builtin_bswap16(0x8100), 6));
  ANSWER(2, bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_MAC, 0));
  ANSWER(3, bpf_skb_change_proto(skb, __builtin_bswap16(0x86dd), 0));
  ANSWER(4, bpf_skb_ecn_set_ce(skb));
  ANSWER(5, bpf_skb_change_tail(skb, 18, 0));
  ANSWER(6, bpf_skb_change_tail(skb, 14, 0));
  ANSWER(7, bpf_skb_change_tail(skb, 13, 0));
  return 0;
}

SEC("tc") int change_proto_clears_hash(struct __sk_buff* skb) {
  ANSWER(0, bpf_set_hash(skb, 9));
  ANSWER(1, bpf_skb_change_proto(skb, __builtin_bswap16(0x86dd), 0));
  out[2] = skb->hash;
  ANSWER(3, bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_MAC, 0));
  out[4] = skb->hash;
  ANSWER(5, bpf_skb_vlan_push(skb, 0, 0));
  ANSWER(6, bpf_skb_change_tail(skb, 70, 0));
  out[7] = skb->hash;
  return 0;
}

SEC("tc") int checksum_level(struct __sk_buff* skb) {
  ANSWER(0, bpf_csum_level(skb, BPF_CSUM_LEVEL_INC));
  ANSWER(1, bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY));
  ANSWER(2, bpf_csum_level(skb, BPF_CSUM_LEVEL_INC));
  ANSWER(3, bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY));
  ANSWER(4, bpf_csum_level(skb, BPF_CSUM_LEVEL_INC));
  ANSWER(5, bpf_csum_level(skb, BPF_CSUM_LEVEL_INC));
  ANSWER(6, bpf_csum_level(skb, BPF_CSUM_LEVEL_INC));
  ANSWER(7, bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY));
  ANSWER(8, bpf_csum_level(skb, BPF_CSUM_LEVEL_DEC));
  ANSWER(9, bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY));
  ANSWER(10, bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET));
  ANSWER(11, bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY));
  ANSWER(12, bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_MAC, 0));
  ANSWER(13, bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY));
  ANSWER(14, bpf_csum_level(skb, BPF_CSUM_LEVEL_INC));
  ANSWER(15, bpf_csum_level(skb, BPF_CSUM_LEVEL_DEC));
  ANSWER(16, bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY));
  ANSWER(17, bpf_csum_level(skb, BPF_CSUM_LEVEL_INC));
  ANSWER(18, bpf_csum_level(skb, BPF_CSUM_LEVEL_RESET));
  ANSWER(19, bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY));
  ANSWER(20, bpf_csum_update(skb, 1));
  ANSWER(21, bpf_csum_level(skb, BPF_CSUM_LEVEL_INC));
  ANSWER(22, bpf_skb_change_tail(skb, 70, 0));
  ANSWER(23, bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY));
  ANSWER(24, bpf_skb_change_head(skb, 4, 0));
  ANSWER(25, bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY));
  ANSWER(26, bpf_skb_change_proto(skb, __builtin_bswap16(0x86dd), 0));
  ANSWER(27, bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY));
  return 0;
}

SEC("tc") int head_to_the_limit(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_change_head(skb, 16065 - skb->len, 0));
  ANSWER(1, bpf_skb_change_head(skb, 16064 - skb->len, 0));
  LENGTH(2);
  return 0;
}

#define ROOM(slot, difference, mode, flags)                        \
  ANSWER(slot, bpf_skb_adjust_room(skb, difference, mode, flags)); \
  LENGTH((slot) + 1)

SEC("tc") int room_net(struct __sk_buff* skb) {
  ROOM(0, 20, BPF_ADJ_ROOM_NET, 0);
  ROOM(3, -20, BPF_ADJ_ROOM_NET, 0);
  ROOM(6, 0, BPF_ADJ_ROOM_NET, 0);
  ROOM(9, 20, 7, 0);
  ROOM(12, 20, BPF_ADJ_ROOM_NET, 0x8000);
  ROOM(15, -100, BPF_ADJ_ROOM_NET, 0);
  ROOM(18, 5000, BPF_ADJ_ROOM_NET, 0);
  ROOM(21, 4095, BPF_ADJ_ROOM_NET, 0);
  ROOM(24, 4096, BPF_ADJ_ROOM_NET, 0);
  ROOM(27, -4095, BPF_ADJ_ROOM_NET, 0);
  ANSWER(30, bpf_skb_load_bytes_relative(skb, 0, text, 8, BPF_HDR_START_MAC));
  ANSWER(31, bpf_skb_load_bytes_relative(skb, 0, text + 8, 8, BPF_HDR_START_NET));
  return 0;
}

SEC("tc") int room_mac(struct __sk_buff* skb) {
  ROOM(0, 8, BPF_ADJ_ROOM_MAC, 0);
  ANSWER(30, bpf_skb_load_bytes_relative(skb, 0, text, 8, BPF_HDR_START_MAC));
  ANSWER(31, bpf_skb_load_bytes_relative(skb, 0, text + 8, 8, BPF_HDR_START_NET));
  ROOM(3, -8, BPF_ADJ_ROOM_MAC, 0);
  ANSWER(32, bpf_skb_load_bytes_relative(skb, 0, text + 16, 8, BPF_HDR_START_MAC));
  ANSWER(33, bpf_skb_load_bytes_relative(skb, 0, text + 24, 8, BPF_HDR_START_NET));
  ROOM(6, -8, BPF_ADJ_ROOM_MAC, 0);
  ROOM(9, 30, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO);
  ROOM(12, -30, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO);
  return 0;
}

SEC("tc") int room_shrink_most(struct __sk_buff* skb) {
  ROOM(0, -31, BPF_ADJ_ROOM_MAC, 0);
  ROOM(3, -30, BPF_ADJ_ROOM_MAC, 0);
  ROOM(6, -11, BPF_ADJ_ROOM_MAC, 0);
  ROOM(9, -10, BPF_ADJ_ROOM_MAC, 0);
  ROOM(12, -10, BPF_ADJ_ROOM_MAC, 0);
  return 0;
}

SEC("tc") int room_shrink_net(struct __sk_buff* skb) {
  ROOM(0, -31, BPF_ADJ_ROOM_NET, 0);
  ROOM(3, -30, BPF_ADJ_ROOM_NET, 0);
  ROOM(6, -11, BPF_ADJ_ROOM_NET, 0);
  ROOM(9, -10, BPF_ADJ_ROOM_NET, 0);
  ROOM(12, -1, BPF_ADJ_ROOM_NET, 0);
  return 0;
}

SEC("tc") int room_encap4(struct __sk_buff* skb) {
  ROOM(0, 20, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4);
  out[3] = skb->protocol;
  ANSWER(30, bpf_skb_load_bytes_relative(skb, 0, text, 8, BPF_HDR_START_MAC));
  ANSWER(31, bpf_skb_load_bytes_relative(skb, 0, text + 8, 8, BPF_HDR_START_NET));
  ROOM(4, 28, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP);
  ROOM(7, 20, BPF_ADJ_ROOM_NET, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4);
  ROOM(10, 40, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L3_IPV6);
  ROOM(13, 10, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4);
  ROOM(16, 28, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L4_UDP);
  return 0;
}

SEC("tc") int room_encap_flags(struct __sk_buff* skb) {
  ROOM(0, 8, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L4_GRE);
  ROOM(3, 24, BPF_ADJ_ROOM_MAC,
       BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_GRE | BPF_F_ADJ_ROOM_ENCAP_L4_UDP);
  ROOM(6, 50, BPF_ADJ_ROOM_MAC,
       BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP | BPF_F_ADJ_ROOM_ENCAP_L2(14));
  ROOM(9, 50, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L2(60));
  ROOM(12, 50, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L2(14));
  ROOM(15, 20, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET);
  ROOM(18, 34, BPF_ADJ_ROOM_MAC,
       BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L2(14) | BPF_F_ADJ_ROOM_ENCAP_L2_ETH);
  ROOM(21, -20, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4);
  ROOM(24, -20, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET);
  ROOM(27, -20, BPF_ADJ_ROOM_MAC, 1 << 7 /* DECAP_L3_IPV4 */);
  out[30] = skb->protocol;
  ROOM(31, -20, BPF_ADJ_ROOM_MAC, 1 << 8 /* DECAP_L3_IPV6 */);
  out[34] = skb->protocol;
  ROOM(35, -20, BPF_ADJ_ROOM_MAC, 3 << 7);
  ROOM(38, 20, BPF_ADJ_ROOM_MAC, 1 << 7);
  return 0;
}

SEC("tc") int room_encap6(struct __sk_buff* skb) {
  ROOM(0, 40, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV6);
  out[3] = skb->protocol;
  return 0;
}

SEC("tc") int protocol(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_change_proto(skb, __builtin_bswap16(0x86dd), 1));
  ANSWER(1, bpf_skb_change_proto(skb, __builtin_bswap16(0x0800), 0));
  LENGTH(2);
  ANSWER(4, bpf_skb_change_proto(skb, __builtin_bswap16(0x86dd), 0));
  LENGTH(5);
  out[7] = skb->protocol;
  ANSWER(8, bpf_skb_load_bytes_relative(skb, 0, text, 8, BPF_HDR_START_MAC));
  ANSWER(9, bpf_skb_load_bytes_relative(skb, 0, text + 8, 8, BPF_HDR_START_NET));
  return 0;
}

SEC("tc") int protocol_back(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_change_proto(skb, __builtin_bswap16(0x86dd), 0));
  LENGTH(1);
  ANSWER(3, bpf_skb_change_proto(skb, __builtin_bswap16(0x0800), 0));
  LENGTH(4);
  out[6] = skb->protocol;
  ANSWER(7, bpf_skb_change_proto(skb, __builtin_bswap16(0x0806), 0));
  return 0;
}

SEC("tc") int type(struct __sk_buff* skb) {
  out[0] = skb->pkt_type;
  ANSWER(1, bpf_skb_change_type(skb, 0));
  out[2] = skb->pkt_type;
  ANSWER(3, bpf_skb_change_type(skb, 3));
  out[4] = skb->pkt_type;
  ANSWER(5, bpf_skb_change_type(skb, 4));
  out[6] = skb->pkt_type;
  ANSWER(7, bpf_skb_change_type(skb, 100));
  return 0;
}

#define VLAN(slot)                   \
  out[slot] = skb->vlan_present;     \
  out[(slot) + 1] = skb->vlan_tci;   \
  out[(slot) + 2] = skb->vlan_proto; \
  out[(slot) + 3] = skb->len;        \
  out[(slot) + 4] = skb->protocol

SEC("tc") int vlan(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_vlan_pop(skb));
  ANSWER(1, bpf_skb_vlan_push(skb, __builtin_bswap16(0x8100), 5));
  VLAN(2);
  ANSWER(7, bpf_skb_vlan_push(skb, __builtin_bswap16(0x88a8), 0x3006));
  VLAN(8);
  ANSWER(13, bpf_skb_vlan_pop(skb));
  VLAN(14);
  ANSWER(19, bpf_skb_vlan_pop(skb));
  VLAN(20);
  ANSWER(25, bpf_skb_vlan_push(skb, 0x1234, 7));
  VLAN(26);
  return 0;
}

SEC("tc") int vlan_twice(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_vlan_push(skb, __builtin_bswap16(0x8100), 5));
  ANSWER(1, bpf_skb_vlan_push(skb, __builtin_bswap16(0x8100), 0xfff7));
  VLAN(2);
  ANSWER(7, bpf_skb_load_bytes_relative(skb, 0, text, 16, BPF_HDR_START_MAC));
  ANSWER(8, bpf_skb_load_bytes_relative(skb, 0, text + 16, 8, BPF_HDR_START_NET));
  return 0;
}

SEC("tc") int hash(struct __sk_buff* skb) {
  ANSWER(0, bpf_set_hash(skb, 0x12345678));
  out[1] = skb->hash;
  ANSWER(2, bpf_get_hash_recalc(skb));
  bpf_set_hash_invalid(skb);
  out[3] = skb->hash;
  ANSWER(4, bpf_get_hash_recalc(skb) != 0);
  return 0;
}

SEC("tc") int store_invalidates_hash(struct __sk_buff* skb) {
  ANSWER(0, bpf_set_hash(skb, 0x12345678));
  ANSWER(1, bpf_skb_store_bytes(skb, 0, "ab", 2, BPF_F_INVALIDATE_HASH));
  out[2] = skb->hash;
  return 0;
}

SEC("tc") int tstamp(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_set_tstamp(skb, 1000, BPF_SKB_TSTAMP_DELIVERY_MONO));
  out[1] = skb->tstamp;
  out[2] = skb->tstamp_type;
  ANSWER(3, bpf_skb_set_tstamp(skb, 0, BPF_SKB_TSTAMP_DELIVERY_MONO));
  ANSWER(4, bpf_skb_set_tstamp(skb, 5, BPF_SKB_TSTAMP_UNSPEC));
  ANSWER(5, bpf_skb_set_tstamp(skb, 0, BPF_SKB_TSTAMP_UNSPEC));
  out[6] = skb->tstamp;
  out[7] = skb->tstamp_type;
  ANSWER(8, bpf_skb_set_tstamp(skb, 5, 7));
  ANSWER(9, bpf_skb_set_tstamp(skb, 5, 2));
  out[10] = skb->tstamp_type;
  return 0;
}

SEC("tc") int congestion(struct __sk_buff* skb) {
  ANSWER(0, bpf_skb_ecn_set_ce(skb));
  return 0;
}

SEC("tc") int congestion_capable(struct __sk_buff* skb) {
  char tos = 2;
  ANSWER(0, bpf_skb_store_bytes(skb, 15, &tos, 1, 0));
  ANSWER(1, bpf_skb_ecn_set_ce(skb));
  ANSWER(2, bpf_skb_ecn_set_ce(skb));
  return 0;
}

SEC("tc") int odds_and_ends(struct __sk_buff* skb) {
  ANSWER(0, bpf_csum_update(skb, 0x1234));
  ANSWER(1, bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY));
  ANSWER(2, bpf_csum_level(skb, BPF_CSUM_LEVEL_INC));
  ANSWER(3, bpf_csum_level(skb, BPF_CSUM_LEVEL_DEC));
  ANSWER(4, bpf_csum_level(skb, BPF_CSUM_LEVEL_RESET));
  ANSWER(5, bpf_csum_level(skb, 9));
  ANSWER(6, bpf_get_cgroup_classid(skb));
  ANSWER(7, bpf_get_route_realm(skb));
  struct bpf_tunnel_key key;
  __builtin_memset(&key, 0x55, sizeof key);
  ANSWER(8, bpf_skb_get_tunnel_key(skb, &key, sizeof key, 0));
  ANSWER(9, bpf_skb_get_tunnel_opt(skb, text + 64, 4));
  __builtin_memcpy(text, &key, sizeof key);
  return 0;
}

SEC("tc") int hash_survives(struct __sk_buff* skb) {
  bpf_set_hash(skb, 9);
  ANSWER(0, bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_MAC, 0));
  out[1] = skb->hash;
  bpf_set_hash(skb, 9);
  ANSWER(2, bpf_skb_vlan_push(skb, 0, 0));
  out[3] = skb->hash;
  bpf_set_hash(skb, 9);
  ANSWER(4, bpf_skb_vlan_pop(skb));
  out[5] = skb->hash;
  bpf_set_hash(skb, 9);
  ANSWER(6, bpf_skb_change_tail(skb, 70, 0));
  out[7] = skb->hash;
  bpf_set_hash(skb, 9);
  ANSWER(8, bpf_skb_change_head(skb, 4, 0));
  out[9] = skb->hash;
  bpf_set_hash(skb, 9);
  ANSWER(10, bpf_skb_pull_data(skb, 0));
  out[11] = skb->hash;
  ANSWER(12, bpf_skb_store_bytes(skb, 0, "ab", 2, 0));
  out[13] = skb->hash;
  ANSWER(14, bpf_set_hash(skb, 0));
  out[15] = skb->hash;
  ANSWER(16, bpf_get_hash_recalc(skb));
  return 0;
}
