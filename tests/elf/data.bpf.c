// Global variables of every kind, and every way in which code refers to them.
#include "common.bpf.h"

struct point {
  __u32 x, y;
  char tag[5];
};

int counter = 7;
static int hidden_by_static = 9;
__hidden int hidden_by_visibility = 11;
int weak_number __weak = 13;
struct point origin = {1, 2, "ab"};
__u64 table[16] = {[3] = 33};

const volatile __u32 limit = 100;
const volatile struct point corner = {5, 6, "cd"};
static const volatile __u64 static_limit = 0x1122334455667788;

__u64 zeros[8];
static __u64 static_zeros[2];
__u8 weak_zero __weak;

// As many elements as it is given: its symbol is longer than its type.
struct list {
  __u32 count;
  __u16 items[];
};
struct list flexible = {3, {7, 8, 9}};

__u32 custom SEC(".data.custom") = 21;
const volatile __u32 settings SEC(".rodata.settings") = 22;
__u16 scratch[3] SEC(".bss.scratch");
static __u32 only_static SEC(".data.only_static") = 23;
__hidden __u32 only_hidden SEC(".data.only_hidden") = 25;
__u32 long_named SEC(".data.a_very_long_section_name") = 24;

SEC("tc")
int use_data(struct __sk_buff *skb) {
  static __u32 calls = 3;
  __u32 index = skb->len & 15;
  calls++;
  counter += limit + corner.x;
  hidden_by_static += static_limit;
  hidden_by_visibility++;
  weak_number++;
  origin.y++;
  table[index]++;
  zeros[5]++;
  static_zeros[1]++;
  weak_zero++;
  custom += settings;
  scratch[2]++;
  only_static++;
  only_hidden++;
  long_named++;
  bpf_trace_printk("hello %d\n", sizeof("hello %d\n"), calls);
  return hidden_by_static;
}

// 63 characters are kept.
char _license[] SEC("license") = "Dual MIT/GPL, and then a good many words which nobody will ever read";
__u32 _version SEC("version") = 0x050a03;
