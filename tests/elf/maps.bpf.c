// Every field that a BTF map definition can have, inner maps, and initial values with holes.
#include "common.bpf.h"

struct key {
  __u32 a;
  __u16 b;
  __u16 c;
};
struct value {
  __u64 packets, bytes;
};

typedef __u32 cell_t;

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE);
  __uint(numa_node, 1);
  __type(key, struct key);
  __type(value, struct value);
  __uint(pinning, LIBBPF_PIN_BY_NAME);
} flows SEC(".maps");

// Sizes in place of types, and both where they agree.
struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, 4);
  __uint(value_size, 4);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 3);
  __uint(key_size, sizeof(__u32));
  __type(key, cell_t);
  __type(value, const volatile cell_t);
  __uint(value_size, sizeof(cell_t));
} cells SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
  __uint(max_entries, 100);
  __type(value, __u64);
  __uint(map_extra, 3);
} bloom SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 5000);
} ring SEC(".maps");

// A definition with a name of its own, shared by two maps.
typedef struct {
  __uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
  __uint(max_entries, 10);
  __type(key, __u8[6]);
  __type(value, __u64[4]);
} shared_t;
shared_t first_of_shared SEC(".maps");
shared_t second_of_shared SEC(".maps");

struct inner_map {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u64);
} inner_a SEC(".maps"), inner_b SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 8);
  __type(key, __u32);
  __array(values, struct inner_map);
} outer SEC(".maps") = {
    .values = {[1] = (void *)&inner_a, [4] = (void *)&inner_b},
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
  __uint(max_entries, 4);
  __uint(key_size, 4);
  __array(
      values, struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 16);
        __uint(map_flags, BPF_F_NO_PREALLOC);
        __type(key, struct key);
        __type(value, __u32);
      });
} outer_hash SEC(".maps");

int first_program(struct xdp_md *ctx);
int second_program(struct xdp_md *ctx);

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 6);
  __uint(key_size, 4);
  __array(values, int(struct xdp_md *));
} jumps SEC(".maps") = {
    .values = {[0] = (void *)&second_program, [3] = (void *)&first_program},
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} optional_map SEC(".maps") __weak;

SEC("xdp")
int first_program(struct xdp_md *ctx) {
  struct key key = {};
  struct value *value = bpf_map_lookup_elem(&flows, &key);
  bpf_tail_call(ctx, &jumps, 0);
  bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &key, sizeof key);
  return value ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int second_program(struct xdp_md *ctx) {
  __u32 index = 1;
  void *inner = bpf_map_lookup_elem(&outer, &index);
  __u64 *value = inner ? bpf_map_lookup_elem(inner, &index) : 0;
  __u32 *cell = bpf_map_lookup_elem(&cells, &index), *other = bpf_map_lookup_elem(&optional_map, &index);
  bpf_map_update_elem(&second_of_shared, "abcdef", &(__u64[4]){1}, BPF_ANY);
  return value && cell && other ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
