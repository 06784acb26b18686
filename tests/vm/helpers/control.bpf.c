// flags: -idirafter /usr/include/x86_64-linux-gnu
// Loops and callbacks over maps, locks, map operations, clocks.
#include "answers.bpf.h"

#define MAP(name, map_type, entries, key_type, value_type) \
  struct {                                                 \
    __uint(type, map_type);                                \
    __uint(max_entries, entries);                          \
    __type(key, key_type);                                 \
    __type(value, value_type);                             \
  } name SEC(".maps")

struct guarded {
  struct bpf_spin_lock lock;
  __u32 value;
};

MAP(numbers, BPF_MAP_TYPE_ARRAY, 4, __u32, __u64);
MAP(table, BPF_MAP_TYPE_HASH, 4, __u64, __u64);
MAP(each_cpu, BPF_MAP_TYPE_PERCPU_ARRAY, 2, __u32, __u64);
MAP(locked, BPF_MAP_TYPE_ARRAY, 1, __u32, struct guarded);

struct state {
  __u64 sum, calls, stop_at;
};

static long add_index(__u32 index, void* context) {
  struct state* state = context;
  state->sum += index;
  state->calls++;
  return index == state->stop_at;
}

SEC("tc") int loop(struct __sk_buff* skb) {
  struct state state = {.stop_at = 1000};
  ANSWER(0, bpf_loop(10, add_index, &state, 0));
  ANSWER(1, state.sum);
  state.stop_at = 3;
  ANSWER(2, bpf_loop(10, add_index, &state, 0));
  ANSWER(3, bpf_loop(0, add_index, &state, 0));
  ANSWER(4, bpf_loop(8388609, add_index, &state, 0));
  __u64 one = skb->len > 0;
  ANSWER(5, bpf_loop(10, add_index, &state, one));
  ANSWER(6, bpf_loop(0xffffffff, add_index, &state, 0));
  ANSWER(7, state.calls);
  return 0;
}

struct bpf_map;

// In .bss, whose values the verifier does not follow.
struct state visits;

static long visit(struct bpf_map* map, const void* key, void* value, void* context) {
  visits.calls++;
  visits.sum += *(__u64*)value;
  return visits.calls == visits.stop_at;
}

SEC("tc") int for_each(struct __sk_buff* skb) {
#pragma unroll
  for (__u32 i = 0; i < 4; i++) {
    __u32 index = i;
    __u64 key = i, value = i * 10 + 1;
    bpf_map_update_elem(&numbers, &index, &value, 0);
    if (i < 3) bpf_map_update_elem(&table, &key, &value, 0);
  }
  ANSWER(0, bpf_for_each_map_elem(&numbers, visit, 0, 0));
  ANSWER(1, visits.sum);
  ANSWER(2, bpf_for_each_map_elem(&table, visit, 0, 0));
  ANSWER(3, visits.sum);
  visits.calls = 0, visits.stop_at = 2;
  ANSWER(4, bpf_for_each_map_elem(&numbers, visit, 0, 0));
  visits.calls = 0;
  ANSWER(5, bpf_for_each_map_elem(&table, visit, 0, 0));
  visits.sum = 0;  // which two of a hash come first is not the kernel's to say
  ANSWER(6, bpf_for_each_map_elem(&numbers, visit, 0, 1));
  ANSWER(7, bpf_for_each_map_elem(&table, visit, 0, 1));
  visits.calls = 0, visits.stop_at = 100;
  ANSWER(8, bpf_for_each_map_elem(&each_cpu, visit, 0, 0));
  return 0;
}

SEC("tc") int map_operations(struct __sk_buff* skb) {
  __u32 index = 9, first = 0;
  __u64 key = 5, value = 55;
  ANSWER(0, bpf_map_update_elem(&numbers, &index, &value, 0));
  ANSWER(1, bpf_map_update_elem(&numbers, &first, &value, BPF_NOEXIST));
  ANSWER(2, bpf_map_update_elem(&numbers, &first, &value, 8));
  ANSWER(3, bpf_map_delete_elem(&numbers, &first));
  ANSWER(4, bpf_map_lookup_elem(&numbers, &index) != 0);
  ANSWER(5, bpf_map_lookup_elem(&numbers, &first) != 0);
  ANSWER(6, bpf_map_update_elem(&table, &key, &value, BPF_EXIST));
  ANSWER(7, bpf_map_update_elem(&table, &key, &value, BPF_NOEXIST));
  ANSWER(8, bpf_map_update_elem(&table, &key, &value, BPF_NOEXIST));
  ANSWER(9, bpf_map_delete_elem(&table, &key));
  ANSWER(10, bpf_map_delete_elem(&table, &key));
  ANSWER(11, bpf_map_lookup_percpu_elem(&each_cpu, &first, 0) != 0);
  ANSWER(12, bpf_map_lookup_percpu_elem(&each_cpu, &first, 1000000) != 0);
  ANSWER(13, bpf_map_lookup_percpu_elem(&each_cpu, &index, 0) != 0);
  return 0;
}

SEC("tc") int spin_lock(struct __sk_buff* skb) {
  __u32 first = 0;
  struct guarded* guarded = bpf_map_lookup_elem(&locked, &first);
  if (!guarded) return 1;
  bpf_spin_lock(&guarded->lock);
  guarded->value += 5;
  bpf_spin_unlock(&guarded->lock);
  bpf_spin_lock(&guarded->lock);
  guarded->value += 5;
  bpf_spin_unlock(&guarded->lock);
  out[0] = guarded->value;
  return 0;
}

// The clocks go forward, and agree with each other.
SEC("tc") int clocks(struct __sk_buff* skb) {
  __u64 a = bpf_ktime_get_ns(), b = bpf_ktime_get_boot_ns(), c = bpf_ktime_get_coarse_ns(), d = bpf_ktime_get_ns();
  out[0] = a <= d;
  out[1] = a <= b + 1000000000;
  out[2] = c <= d;
  return 0;
}
