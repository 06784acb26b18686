// flags: -idirafter /usr/include/x86_64-linux-gnu
// Maps whose values hold fields of the kernel's, in map types that may have them and in others, and values that only
// look so; and programs that ask for a value's lock.
#include "../helpers/answers.bpf.h"

#define MAP(name, map_type, entries, value_type, ...) \
  struct {                                            \
    __uint(type, map_type);                           \
    __uint(max_entries, entries);                     \
    __type(key, __u32);                               \
    __type(value, value_type);                        \
    __VA_ARGS__                                       \
  } name SEC(".maps")

struct guarded {
  __u32 before;
  struct bpf_spin_lock lock;
  __u64 after;
};
typedef struct guarded guarded_t;

struct nested {
  __u64 first;
  struct {
    __u32 word;
    struct guarded inner;
  } deep;
};

struct timed {
  __u64 before;
  struct bpf_timer timer;
  __u32 after;
};

struct target {
  int field;
} whole;  // so that BTF has more than its name

struct pointing {
  __u64 before;
  struct target __attribute__((btf_type_tag("kptr"))) * pointer;
  __u64 after;
};
struct pointing_twice {
  struct pointing pair[2];
};

struct array_of_one {
  struct bpf_spin_lock locks[1];
  __u32 after;
};
typedef struct bpf_spin_lock lock_t;
struct by_typedef {
  lock_t lock;
  __u32 after;
};
union either {
  struct bpf_spin_lock lock;
  __u64 whole;
};
struct all_kinds {
  struct bpf_timer timer;
  struct bpf_spin_lock lock;
  __u32 after;
  struct target __attribute__((btf_type_tag("kptr_untrusted"))) * pointer;
};

MAP(array, BPF_MAP_TYPE_ARRAY, 4, struct guarded);
MAP(hash, BPF_MAP_TYPE_HASH, 4, struct guarded);
MAP(hash_grown, BPF_MAP_TYPE_HASH, 4, struct guarded, __uint(map_flags, BPF_F_NO_PREALLOC););
MAP(lru, BPF_MAP_TYPE_LRU_HASH, 4096, struct guarded);
MAP(percpu_array, BPF_MAP_TYPE_PERCPU_ARRAY, 4, struct guarded);
MAP(percpu_hash, BPF_MAP_TYPE_PERCPU_HASH, 4, struct guarded);
MAP(read_only, BPF_MAP_TYPE_ARRAY, 4, struct guarded, __uint(map_flags, BPF_F_RDONLY_PROG););
MAP(typedefed, BPF_MAP_TYPE_HASH, 4, guarded_t);
MAP(nested_array, BPF_MAP_TYPE_ARRAY, 4, struct nested);
MAP(timed_array, BPF_MAP_TYPE_ARRAY, 4, struct timed);
MAP(timed_hash, BPF_MAP_TYPE_HASH, 4, struct timed);
MAP(timed_lru, BPF_MAP_TYPE_LRU_HASH, 4096, struct timed);
MAP(timed_percpu, BPF_MAP_TYPE_PERCPU_ARRAY, 4, struct timed);
MAP(pointing_array, BPF_MAP_TYPE_ARRAY, 4, struct pointing);
MAP(pointing_percpu, BPF_MAP_TYPE_PERCPU_ARRAY, 4, struct pointing);
MAP(pointing_lru, BPF_MAP_TYPE_LRU_PERCPU_HASH, 4096, struct pointing);
MAP(pointing_pairs, BPF_MAP_TYPE_HASH, 4, struct pointing_twice);
MAP(one_in_array, BPF_MAP_TYPE_ARRAY, 4, struct array_of_one);
MAP(typedefed_lock, BPF_MAP_TYPE_ARRAY, 4, struct by_typedef);
MAP(in_union, BPF_MAP_TYPE_ARRAY, 4, union either);
MAP(one, BPF_MAP_TYPE_ARRAY, 1, struct guarded);
MAP(two, BPF_MAP_TYPE_HASH, 2, struct guarded);
MAP(kinds, BPF_MAP_TYPE_HASH, 4, struct all_kinds);

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __uint(key_size, 4);
  __type(value, struct guarded);
} no_key_type SEC(".maps");

SEC("tc") int locked_array(struct __sk_buff* skb) {
  __u32 first = 0, second = 1;
  struct guarded value = {.after = 7};
  ANSWER(0, bpf_map_update_elem(&one, &first, &value, BPF_F_LOCK));
  ANSWER(1, bpf_map_update_elem(&one, &first, &value, BPF_F_LOCK | BPF_EXIST));
  ANSWER(2, bpf_map_update_elem(&one, &first, &value, BPF_F_LOCK | BPF_NOEXIST));
  ANSWER(3, bpf_map_update_elem(&one, &first, &value, BPF_F_LOCK | 3));
  ANSWER(4, bpf_map_update_elem(&one, &first, &value, BPF_F_LOCK | 8));
  ANSWER(5, bpf_map_update_elem(&one, &second, &value, BPF_F_LOCK));
  ANSWER(6, bpf_map_update_elem(&typedefed_lock, &first, &value, BPF_F_LOCK));
  struct guarded* guarded = bpf_map_lookup_elem(&one, &first);
  if (guarded) out[7] = guarded->after;
  return 0;
}

SEC("tc") int locked_hash(struct __sk_buff* skb) {
  __u32 first = 0, second = 1, third = 2;
  struct guarded value = {.after = 7};
  ANSWER(0, bpf_map_update_elem(&two, &first, &value, BPF_F_LOCK | BPF_EXIST));
  ANSWER(1, bpf_map_update_elem(&two, &first, &value, BPF_F_LOCK));
  ANSWER(2, bpf_map_update_elem(&two, &first, &value, BPF_F_LOCK | BPF_NOEXIST));
  ANSWER(3, bpf_map_update_elem(&two, &second, &value, BPF_F_LOCK | BPF_NOEXIST));
  ANSWER(4, bpf_map_update_elem(&two, &third, &value, BPF_F_LOCK));
  ANSWER(5, bpf_map_update_elem(&two, &first, &value, BPF_F_LOCK | 8));
  value.after = 8;
  ANSWER(6, bpf_map_update_elem(&two, &first, &value, BPF_F_LOCK | BPF_EXIST));
  struct guarded* guarded = bpf_map_lookup_elem(&two, &first);
  if (guarded) out[7] = guarded->after;
  __u64 zeros[5] = {};
  ANSWER(8, bpf_map_update_elem(&timed_hash, &first, zeros, BPF_F_LOCK));
  return 0;
}
