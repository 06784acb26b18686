// Programs at the edges of what runs: names that somebody must give a value, helpers of other program types, maps
// that are not emulated, packets without their link layer, and time.
#include "../elf/common.bpf.h"

extern int CONFIG_HZ __kconfig;
extern _Bool CONFIG_PREEMPT __kconfig __weak;

struct {
  __uint(type, BPF_MAP_TYPE_SOCKMAP);
  __uint(max_entries, 4);
  __uint(key_size, 4);
  __uint(value_size, 4);
} sockets SEC(".maps");

__u64 before, elapsed;

SEC("xdp")
int configured(struct xdp_md *ctx) {
  return CONFIG_PREEMPT ? XDP_ABORTED : CONFIG_HZ;
}

SEC("tc")
int foreign(struct __sk_buff *skb) {
  return bpf_xdp_adjust_head((void *)skb, 4);
}

SEC("sk_skb/stream_verdict")
int redirect(struct __sk_buff *skb) {
  return bpf_sk_redirect_map(skb, &sockets, 0, 0);
}

SEC("socket")
int filter(struct __sk_buff *skb) {
  return -1;
}

SEC("cgroup_skb/egress")
int version(struct __sk_buff *skb) {
  __u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
  bpf_printk("protocol %x, starts with %x", skb->protocol, data < end ? *data : 0);
  return 1;
}

struct guarded {
  struct bpf_spin_lock lock;
  int value;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct guarded);
} shared SEC(".maps");

SEC("tc")
int locked(struct __sk_buff *skb) {
  struct guarded guarded = {.value = 7};
  __u32 key = 0;
  return bpf_map_update_elem(&shared, &key, &guarded, BPF_F_LOCK) ? 2 : 0;
}

SEC("xdp")
int timing(struct xdp_md *ctx) {
  __u64 now = bpf_ktime_get_ns();
  elapsed = before ? now - before : 0;
  before = now;
  return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
