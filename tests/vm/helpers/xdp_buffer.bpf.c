// flags: -idirafter /usr/include/x86_64-linux-gnu
// The shape of an XDP buffer: adjust_head, adjust_meta, adjust_tail, and the *_bytes helpers.
#include "answers.bpf.h"

#define LENGTH(slot) (out[slot] = (__u32)(ctx->data_end - ctx->data))
#define META(slot) (out[slot] = (__u32)(ctx->data - ctx->data_meta))

SEC("xdp")
int head_out_and_in(struct xdp_md* ctx) {
  ANSWER(0, bpf_xdp_adjust_head(ctx, -14));
  LENGTH(1);
  ANSWER(2, bpf_xdp_adjust_head(ctx, 30));
  LENGTH(3);
  META(4);
  return XDP_PASS;
}

SEC("xdp")
int head_limits(struct xdp_md* ctx) {
  ANSWER(0, bpf_xdp_adjust_head(ctx, -257));
  ANSWER(1, bpf_xdp_adjust_head(ctx, 10000));
  ANSWER(2, bpf_xdp_adjust_head(ctx, (int)(ctx->data_end - ctx->data) - 13));
  ANSWER(3, bpf_xdp_adjust_head(ctx, (int)(ctx->data_end - ctx->data) - 14));
  LENGTH(4);
  return XDP_TX;
}

SEC("xdp")
int head_lowest(struct xdp_md* ctx) {
  ANSWER(0, bpf_xdp_adjust_head(ctx, -217));
  ANSWER(1, bpf_xdp_adjust_head(ctx, -216));
  LENGTH(2);
  ANSWER(3, bpf_xdp_adjust_head(ctx, -1));
  return XDP_TX;
}

SEC("xdp")
int head_huge(struct xdp_md* ctx) {
  ANSWER(0, bpf_xdp_adjust_head(ctx, (int)0x80000000));
  ANSWER(1, bpf_xdp_adjust_head(ctx, 0x7fffffff));
  ANSWER(2, bpf_xdp_adjust_head(ctx, 0));
  return XDP_DROP;
}

SEC("xdp")
int meta_sizes(struct xdp_md* ctx) {
  ANSWER(0, bpf_xdp_adjust_meta(ctx, -4));
  META(1);
  ANSWER(2, bpf_xdp_adjust_meta(ctx, -3));
  ANSWER(3, bpf_xdp_adjust_meta(ctx, -28));
  META(4);
  ANSWER(5, bpf_xdp_adjust_meta(ctx, -4));
  META(6);
  ANSWER(7, bpf_xdp_adjust_meta(ctx, -32));
  META(8);
  ANSWER(9, bpf_xdp_adjust_meta(ctx, 100));
  META(10);
  ANSWER(11, bpf_xdp_adjust_meta(ctx, 72));
  META(12);
  ANSWER(13, bpf_xdp_adjust_meta(ctx, 4));
  ANSWER(14, bpf_xdp_adjust_meta(ctx, -212));
  META(15);
  ANSWER(16, bpf_xdp_adjust_meta(ctx, 0));
  return XDP_PASS;
}

SEC("xdp")
int meta_most(struct xdp_md* ctx) {
  META(20);
  ANSWER(0, bpf_xdp_adjust_meta(ctx, -216));
  META(1);
  ANSWER(2, bpf_xdp_adjust_meta(ctx, -220));
  META(3);
  ANSWER(4, bpf_xdp_adjust_meta(ctx, -252));
  META(5);
  ANSWER(6, bpf_xdp_adjust_meta(ctx, -256));
  META(7);
  ANSWER(8, bpf_xdp_adjust_meta(ctx, -200));
  META(9);
  return XDP_PASS;
}

// 252 bytes are the most, where there is room for them.
SEC("xdp")
int meta_most_with_room(struct xdp_md* ctx) {
  ANSWER(0, bpf_xdp_adjust_head(ctx, 50));
  ANSWER(1, bpf_xdp_adjust_meta(ctx, -256));
  META(2);
  ANSWER(3, bpf_xdp_adjust_meta(ctx, -252));
  META(4);
  return XDP_PASS;
}

SEC("xdp")
int meta_moves_with_head(struct xdp_md* ctx) {
  ANSWER(0, bpf_xdp_adjust_meta(ctx, -8));
  void* meta = (void*)(long)ctx->data_meta;
  if (meta + 8 > (void*)(long)ctx->data) return XDP_ABORTED;
  *(__u32*)meta = 0x11223344;
  *(__u32*)(meta + 4) = 0x55667788;
  ANSWER(1, bpf_xdp_adjust_head(ctx, -20));
  META(2);
  LENGTH(3);
  ANSWER(4, bpf_xdp_adjust_head(ctx, 8));
  META(5);
  return XDP_PASS;
}

SEC("xdp")
int meta_in_the_way_of_head(struct xdp_md* ctx) {
  ANSWER(0, bpf_xdp_adjust_meta(ctx, -32));
  ANSWER(1, bpf_xdp_adjust_head(ctx, -216));
  ANSWER(2, bpf_xdp_adjust_head(ctx, -184));
  META(3);
  LENGTH(4);
  return XDP_PASS;
}

SEC("xdp")
int tail_shorter(struct xdp_md* ctx) {
  ANSWER(0, bpf_xdp_adjust_tail(ctx, -1));
  LENGTH(1);
  ANSWER(2, bpf_xdp_adjust_tail(ctx, -(int)(ctx->data_end - ctx->data) + 13));
  ANSWER(3, bpf_xdp_adjust_tail(ctx, -(int)(ctx->data_end - ctx->data) + 14));
  LENGTH(4);
  ANSWER(5, bpf_xdp_adjust_tail(ctx, -1));
  return XDP_PASS;
}

SEC("xdp")
int tail_longer(struct xdp_md* ctx) {
  ANSWER(0, bpf_xdp_adjust_tail(ctx, 100));
  LENGTH(1);
  ANSWER(2, bpf_xdp_adjust_tail(ctx, -50));
  ANSWER(3, bpf_xdp_adjust_tail(ctx, 60));
  LENGTH(4);
  return XDP_PASS;
}

// How far the buffer goes: the answers 0 and -EINVAL on both sides of 3520 bytes.
SEC("xdp")
int tail_limits(struct xdp_md* ctx) {
  int length = (int)(ctx->data_end - ctx->data);
  ANSWER(0, bpf_xdp_adjust_tail(ctx, 3521 - length));
  ANSWER(1, bpf_xdp_adjust_tail(ctx, 3520 - length));
  LENGTH(2);
  ANSWER(3, bpf_xdp_adjust_tail(ctx, 1));
  ANSWER(4, bpf_xdp_adjust_tail(ctx, 0));
  ANSWER(5, bpf_xdp_adjust_tail(ctx, 0x7fffffff));
  ANSWER(6, bpf_xdp_adjust_tail(ctx, (int)0x80000000));
  return XDP_PASS;
}

// What lies behind the packet after it was cut: grown bytes are zero again.
SEC("xdp")
int tail_is_cleared(struct xdp_md* ctx) {
  ANSWER(0, bpf_xdp_adjust_tail(ctx, -8));
  ANSWER(1, bpf_xdp_adjust_tail(ctx, 8));
  return XDP_PASS;
}

SEC("xdp")
int bytes(struct xdp_md* ctx) {
  char buffer[16] = "0123456789abcde";
  int length = (int)(ctx->data_end - ctx->data);
  ANSWER(0, bpf_xdp_get_buff_len(ctx));
  ANSWER(1, bpf_xdp_store_bytes(ctx, 4, buffer, 8));
  ANSWER(2, bpf_xdp_load_bytes(ctx, 0, buffer, 16));
  __builtin_memcpy(text, buffer, 16);
  ANSWER(3, bpf_xdp_load_bytes(ctx, length - 16, buffer, 16));
  __builtin_memcpy(text + 16, buffer, 16);
  ANSWER(4, bpf_xdp_load_bytes(ctx, length - 15, buffer, 16));
  __builtin_memcpy(text + 32, buffer, 16);
  ANSWER(5, bpf_xdp_load_bytes(ctx, 0xffff, buffer, 1));
  ANSWER(6, bpf_xdp_load_bytes(ctx, 0x10000, buffer, 1));
  ANSWER(7, bpf_xdp_load_bytes(ctx, 0xffffffff, buffer, 1));
  ANSWER(8, bpf_xdp_store_bytes(ctx, length - 1, buffer, 2));
  ANSWER(9, bpf_xdp_store_bytes(ctx, length - 2, buffer, 2));
  ANSWER(10, bpf_xdp_load_bytes(ctx, length, buffer, 1));
  return XDP_PASS;
}

char big[70000];

SEC("xdp")
int bytes_huge(struct xdp_md* ctx) {
  big[0] = 1;
  ANSWER(0, bpf_xdp_load_bytes(ctx, 0, big, 65535));
  ANSWER(1, bpf_xdp_load_bytes(ctx, 0, big, 65536));
  ANSWER(2, bpf_xdp_store_bytes(ctx, 0, big, 69999));
  ANSWER(3, big[0]);
  return XDP_PASS;
}

SEC("xdp")
int fields(struct xdp_md* ctx) {
  out[0] = ctx->ingress_ifindex;
  out[1] = ctx->rx_queue_index;
  LENGTH(2);
  META(3);
  return XDP_PASS;
}
