// flags: -idirafter /usr/include/x86_64-linux-gnu
// Records for user space, in a ring that nobody reads.
#include "answers.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} ring SEC(".maps");

SEC("tc") int ring_sizes(struct __sk_buff* skb) {
  void* record = bpf_ringbuf_reserve(&ring, 4089, 0);
  ANSWER(0, record != 0);
  if (record) bpf_ringbuf_discard(record, 0);
  record = bpf_ringbuf_reserve(&ring, 4088, 0);
  ANSWER(1, record != 0);
  if (record) bpf_ringbuf_discard(record, 0);
  record = bpf_ringbuf_reserve(&ring, 4081, 0);
  ANSWER(10, record != 0);
  if (record) bpf_ringbuf_discard(record, 0);
  ANSWER(8, bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA));
  record = bpf_ringbuf_reserve(&ring, 4080, 0);
  ANSWER(2, record != 0);
  if (record) bpf_ringbuf_submit(record, 0);
  ANSWER(3, bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA));
  ANSWER(4, bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE));
  ANSWER(5, bpf_ringbuf_query(&ring, BPF_RB_CONS_POS));
  ANSWER(6, bpf_ringbuf_query(&ring, BPF_RB_PROD_POS));
  ANSWER(7, bpf_ringbuf_query(&ring, 99));
  ANSWER(9, bpf_ringbuf_output(&ring, "abcdefg", 8, 0));
  return 0;
}

SEC("tc") int ring_output(struct __sk_buff* skb) {
  ANSWER(0, bpf_ringbuf_output(&ring, "abcdefg", 8, 0));
  ANSWER(1, bpf_ringbuf_output(&ring, "abcdefg", 5, BPF_RB_NO_WAKEUP));
  ANSWER(2, bpf_ringbuf_output(&ring, "abcdefg", 8, 4));
  ANSWER(3, bpf_ringbuf_output(&ring, "abcdefg", 8, 3));
  ANSWER(4, bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA));
  void* record = bpf_ringbuf_reserve(&ring, 4, 1);
  ANSWER(5, record != 0);
  if (record) bpf_ringbuf_discard(record, 0);
  record = bpf_ringbuf_reserve(&ring, 4, 0);
  ANSWER(6, record != 0);
  if (record) bpf_ringbuf_discard(record, BPF_RB_FORCE_WAKEUP);
  ANSWER(7, bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA));
  ANSWER(8, bpf_ringbuf_output(&ring, "", 0, 0));
  return 0;
}
