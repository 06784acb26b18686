// flags: -idirafter /usr/include/x86_64-linux-gnu
// Contents of maps that their types do not show: padding, a static variable, a NaN.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct padded {
  __u8 a;
  __u32 b;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8);
  __type(key, struct padded);
  __type(value, struct padded);
} table SEC(".maps");

static volatile int hidden = 9;
const volatile int setting = 3;
__u64 bits;
double number;

SEC("xdp") int fill(struct xdp_md* ctx) {
  struct padded entry;
  __builtin_memset(&entry, 0xff, sizeof entry);
  entry.a = 1;
  entry.b = setting;
  bpf_map_update_elem(&table, &entry, &entry, 0);
  *(volatile __u64*)&number = 0x7ff8000000001234;
  return ++hidden;
}

SEC("xdp") int look(struct xdp_md* ctx) { return hidden; }

char _license[] SEC("license") = "GPL";
