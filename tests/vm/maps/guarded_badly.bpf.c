// flags: -idirafter /usr/include/x86_64-linux-gnu
// Values with more locks than one, or one where no lock can be: the kernel refuses all BTF that describes such a
// structure.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct two_locks {
  struct bpf_spin_lock a, b;
};
struct array_of_locks {
  struct bpf_spin_lock locks[2];
};
struct misaligned {
  char before;
  struct bpf_spin_lock lock;
  char after[3];
} __attribute__((packed));

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct two_locks);
} two SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct array_of_locks);
} an_array SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct misaligned);
} not_aligned SEC(".maps");
