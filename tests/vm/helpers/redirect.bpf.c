// flags: -idirafter /usr/include/x86_64-linux-gnu
// Where a packet shall go: the values that redirecting helpers answer.
#include "answers.bpf.h"

#define REDIRECT_MAP(name, map_type)   \
  struct {                             \
    __uint(type, map_type);            \
    __uint(max_entries, 4);            \
    __type(key, __u32);                \
    __type(value, __u32);              \
  } name SEC(".maps")

REDIRECT_MAP(devices, BPF_MAP_TYPE_DEVMAP);
REDIRECT_MAP(device_hash, BPF_MAP_TYPE_DEVMAP_HASH);
REDIRECT_MAP(cpus, BPF_MAP_TYPE_CPUMAP);
REDIRECT_MAP(sockets, BPF_MAP_TYPE_XSKMAP);

SEC("xdp") int xdp_redirect(struct xdp_md* ctx) {
  ANSWER(0, bpf_redirect(1, 0));
  ANSWER(1, bpf_redirect(1, 1));
  ANSWER(2, bpf_redirect(1, 1ull << 40));
  ANSWER(3, bpf_redirect(0, 0));
  return XDP_PASS;
}

#define MAP_CASES(map)                                                 \
  ANSWER(0, bpf_redirect_map(&map, 0, 0));                             \
  ANSWER(1, bpf_redirect_map(&map, 0, XDP_PASS));                      \
  ANSWER(2, bpf_redirect_map(&map, 9, XDP_TX));                        \
  ANSWER(3, bpf_redirect_map(&map, 9, 4));                             \
  ANSWER(4, bpf_redirect_map(&map, 9, BPF_F_BROADCAST));               \
  ANSWER(5, bpf_redirect_map(&map, 0, BPF_F_EXCLUDE_INGRESS));         \
  ANSWER(6, bpf_redirect_map(&map, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS | 3)); \
  ANSWER(7, bpf_redirect_map(&map, 0, 0x20));                          \
  ANSWER(8, bpf_redirect_map(&map, 0x100000000ull, 1));                \
  ANSWER(9, bpf_redirect_map(&map, 0, 1ull << 40));                    \
  ANSWER(10, bpf_redirect_map(&map, 1, XDP_DROP))

SEC("xdp") int map_devices(struct xdp_md* ctx) {
  MAP_CASES(devices);
  return XDP_PASS;
}
SEC("xdp") int map_device_hash(struct xdp_md* ctx) {
  MAP_CASES(device_hash);
  return XDP_PASS;
}
SEC("xdp") int map_cpus(struct xdp_md* ctx) {
  MAP_CASES(cpus);
  return XDP_PASS;
}
SEC("xdp") int map_sockets(struct xdp_md* ctx) {
  MAP_CASES(sockets);
  return XDP_PASS;
}

SEC("tc") int tc_redirect(struct __sk_buff* skb) {
  ANSWER(0, bpf_redirect(1, 0));
  ANSWER(1, bpf_redirect(1, BPF_F_INGRESS));
  ANSWER(2, bpf_redirect(1, 2));
  ANSWER(3, bpf_redirect(0, 0));
  ANSWER(5, bpf_redirect(1, 8));
  ANSWER(6, bpf_redirect(1, 1ull << 33));
  return 0;
}

SEC("tc") int tc_others(struct __sk_buff* skb) {
  struct bpf_redir_neigh neighbour = {.nh_family = 2};
  ANSWER(0, bpf_redirect_neigh(1, 0, 0, 0));
  ANSWER(1, bpf_redirect_neigh(1, 0, 0, 1));
  ANSWER(2, bpf_redirect_neigh(1, &neighbour, sizeof neighbour, 0));
  ANSWER(3, bpf_redirect_neigh(1, &neighbour, 8, 0));
  ANSWER(5, bpf_redirect_peer(1, 0));
  ANSWER(6, bpf_redirect_peer(1, 1));
  ANSWER(8, bpf_clone_redirect(skb, 0, 0));
  return 0;
}
