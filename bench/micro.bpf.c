// flags: -mcpu=v3
// Small programs that compilers of BPF are compared by: each XDP program works on 1024 bytes of packet for a few hundred
// to a few thousand instructions. The kernel's verifier takes all of them. The list was fixed before anything was tuned
// for it; programs may be added, none is taken away.
#include "../tests/elf/common.bpf.h"

#include <bpf/bpf_endian.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define SIZE 1024
#define LOOP _Pragma("clang loop unroll(disable)") for
#define noinline __attribute__((noinline))

// The packet as words, or nothing.
#define PACKET(type, name)                                   \
  type *name = (type *)(long)ctx->data;                      \
  if ((void *)name + SIZE > (void *)(long)ctx->data_end) return 0
#define PROGRAM(name) SEC("xdp") int name(struct xdp_md *ctx)

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 256);
  __type(key, u32);
  __type(value, u64);
} slots SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, u32);
  __type(value, u64);
} flows SEC(".maps");

u32 table[256];
u64 scratch[128];
u64 counters[4];

PROGRAM(empty) { return 0; }

// --- arithmetic

PROGRAM(alu_chain) {
  PACKET(u64, p);
  u64 x = p[0] | 1;
  LOOP(int i = 0; i < 256; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    x += 0x9e3779b9;
  }
  return x;
}

PROGRAM(alu_ilp) {
  PACKET(u64, p);
  u64 a = p[0], b = p[1], c = p[2], d = p[3];
  LOOP(int i = 0; i < 256; i++) {
    a = a * 5 + 1;
    b = (b ^ 0x55) + i;
    c = (c << 1) - a;
    d = (d >> 1) | 7;
  }
  return a ^ b ^ c ^ d;
}

PROGRAM(alu32_mix) {
  PACKET(u32, p);
  u32 a = p[0], b = p[1];
  LOOP(int i = 0; i < 256; i++) {
    a += b ^ 0x5bd1e995;
    b = (b << 7) | (b >> 25);
    a -= b & 0xffff;
    b ^= a;
  }
  return a + b;
}

PROGRAM(mul_chain) {
  PACKET(u64, p);
  u64 x = p[0] | 1;
  LOOP(int i = 0; i < 256; i++) x = x * 6364136223846793005ull + 1442695040888963407ull;
  return x >> 32;
}

PROGRAM(div_mod) {
  PACKET(u32, p);
  u64 sum = 0;
  LOOP(int i = 0; i < 128; i++) {
    u32 v = p[i], d = (p[i + 1] & 1023) | 1;
    sum += v / d + v % 1000;
  }
  return sum;
}

PROGRAM(shift_mix) {
  PACKET(u64, p);
  u64 sum = 0;
  LOOP(int i = 0; i < 127; i++) {
    u64 n = p[i] & 63;
    sum += (p[i + 1] << n) ^ (p[i] >> (63 - n));
    sum ^= (long)p[i + 1] >> (n & 31);
  }
  return sum;
}

PROGRAM(popcount) {
  PACKET(u64, p);
  u64 sum = 0;
  LOOP(int i = 0; i < 128; i++) {
    u64 v = p[i];
    v -= (v >> 1) & 0x5555555555555555ull;
    v = (v & 0x3333333333333333ull) + ((v >> 2) & 0x3333333333333333ull);
    v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0full;
    sum += (v * 0x0101010101010101ull) >> 56;
  }
  return sum;
}

PROGRAM(bswap_fold) {
  PACKET(u64, p);
  u64 sum = 0;
  LOOP(int i = 0; i < 128; i++) sum += __builtin_bswap64(p[i]) ^ __builtin_bswap32((u32)p[i]);
  return sum;
}

PROGRAM(bitfields) {
  PACKET(u32, p);
  u32 sum = 0;
  LOOP(int i = 0; i < 256; i++) {
    u32 v = p[i];
    sum += (v & 7) * ((v >> 3) & 31) + ((v >> 8) & 0xff) - (v >> 24);
  }
  return sum;
}

PROGRAM(saturate) {
  PACKET(u32, p);
  u32 sum = 0;
  LOOP(int i = 0; i < 256; i++) {
    u32 v = p[i] >> 8;
    if (v > 0x8000) v = 0x8000;
    if (v < 0x100) v = 0x100;
    sum += v;
  }
  return sum;
}

// --- memory

PROGRAM(memory_scan) {
  PACKET(u64, p);
  u64 sum = 0;
  LOOP(int i = 0; i < 128; i++) sum += p[i];
  return sum;
}

PROGRAM(byte_scan) {
  PACKET(u8, p);
  u32 found = 0;
  LOOP(int i = 0; i < SIZE; i++)
    if (p[i] == 0x42) found++;
  return found;
}

PROGRAM(memory_copy) {
  PACKET(u64, p);
  LOOP(int i = 0; i < 128; i++) scratch[i] = p[i];
  return scratch[7];
}

PROGRAM(byte_copy) {
  PACKET(u8, p);
  u8 *to = (u8 *)scratch;
  LOOP(int i = 0; i < SIZE; i++) to[i] = p[i];
  return to[9];
}

PROGRAM(checksum) {
  PACKET(u16, p);
  u32 sum = 0;
  LOOP(int i = 0; i < 512; i++) sum += p[i];
  sum = (sum & 0xffff) + (sum >> 16);
  return (u16)~(sum + (sum >> 16));
}

PROGRAM(histogram) {
  PACKET(u8, p);
  LOOP(int i = 0; i < 512; i++) table[p[i]]++;
  return table[3];
}

PROGRAM(stack_fill) {
  PACKET(u64, p);
  u64 local[32];
  u64 sum = 0;
  LOOP(int i = 0; i < 32; i++) local[i] = p[i] + i;
  asm volatile("" : : "r"(local) : "memory");
  LOOP(int i = 0; i < 32; i++) sum += local[31 - i];
  return sum;
}

PROGRAM(store_forward) {
  PACKET(u64, p);
  volatile u64 x = p[0];
  LOOP(int i = 0; i < 128; i++) x = x * 3 + 1;
  return x;
}

PROGRAM(pointer_chase) {
  PACKET(u32, p);
  u32 at = 0;
  LOOP(int i = 0; i < 32; i++) table[i] = p[i];
  LOOP(int i = 0; i < 512; i++) at = table[at & 31] + i;
  return at;
}

PROGRAM(byte_recompose) {
  PACKET(u8, p);
  u32 sum = 0;
  LOOP(int i = 0; i < SIZE; i += 4)
    sum += (u32)p[i] << 24 | (u32)p[i + 1] << 16 | (u32)p[i + 2] << 8 | p[i + 3];
  return sum;
}

PROGRAM(global_counters) {
  PACKET(u64, p);
  LOOP(int i = 0; i < 128; i++) {
    counters[0]++;
    counters[1] += p[i] & 0xff;
    counters[2] ^= i;
  }
  return counters[1];
}

PROGRAM(matrix) {
  PACKET(u32, p);
  u32 sum = 0;
  LOOP(int i = 0; i < 8; i++)
    LOOP(int j = 0; j < 8; j++) {
      u32 cell = 0;
      LOOP(int k = 0; k < 8; k++) cell += p[i * 8 + k] * p[64 + k * 8 + j];
      sum ^= cell;
    }
  return sum;
}

// --- hashing

PROGRAM(jhash) {
  PACKET(u32, p);
  u32 a = 0xdeadbeef, b = a, c = a;
#define rol(x, n) ((x) << (n) | (x) >> (32 - (n)))
  LOOP(int i = 0; i < 252; i += 3) {
    a += p[i], b += p[i + 1], c += p[i + 2];
    a -= c, a ^= rol(c, 4), c += b;
    b -= a, b ^= rol(a, 6), a += c;
    c -= b, c ^= rol(b, 8), b += a;
    a -= c, a ^= rol(c, 16), c += b;
    b -= a, b ^= rol(a, 19), a += c;
    c -= b, c ^= rol(b, 4), b += a;
  }
  return c;
}

PROGRAM(fnv) {
  PACKET(u8, p);
  u64 hash = 0xcbf29ce484222325ull;
  LOOP(int i = 0; i < 512; i++) hash = (hash ^ p[i]) * 0x100000001b3ull;
  return hash;
}

PROGRAM(siphash) {
  PACKET(u64, p);
  u64 a = 0x736f6d6570736575ull, b = 0x646f72616e646f6dull, c = 0x6c7967656e657261ull, d = 0x7465646279746573ull;
#define rol64(x, n) ((x) << (n) | (x) >> (64 - (n)))
  LOOP(int i = 0; i < 64; i++) {
    d ^= p[i];
    a += b, b = rol64(b, 13), b ^= a, a = rol64(a, 32);
    c += d, d = rol64(d, 16), d ^= c;
    a += d, d = rol64(d, 21), d ^= a;
    c += b, b = rol64(b, 17), b ^= c, c = rol64(c, 32);
    a ^= p[i];
  }
  return a ^ b ^ c ^ d;
}

PROGRAM(crc32) {
  PACKET(u8, p);
  u32 crc = ~0u;
  LOOP(int i = 0; i < 64; i++) {
    crc ^= p[i];
    LOOP(int k = 0; k < 8; k++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

// --- parsing and flow

PROGRAM(packet_parse) {
  PACKET(u8, p);
  u32 tcp = 0, udp = 0, other = 0;
  LOOP(int i = 0; i < 16; i++) {
    u8 *frame = p + i * 64;
    u16 protocol = *(u16 *)(frame + 12);
    if (protocol == bpf_htons(0x8100)) {
      other += 2;
    } else if (protocol == bpf_htons(0x0800)) {
      u8 words = frame[14] & 15;
      if (words < 5) continue;
      if (frame[23] == 6 && *(u16 *)(frame + 36) == bpf_htons(443)) tcp++;
      else if (frame[23] == 17) udp += *(u16 *)(frame + 34) & 3;
      else other++;
    } else {
      other += frame[13] & 1;
    }
  }
  return tcp << 16 | udp << 8 | other;
}

PROGRAM(tlv_walk) {
  PACKET(u64, p);
  u32 at = 0, seen = 0;
  const u8 *bytes = (u8 *)scratch;
  LOOP(int i = 0; i < 128; i++) scratch[i] = p[i];
  LOOP(int i = 0; i < 100; i++) {
    u8 kind = bytes[at] & 7, length = bytes[at + 1] & 15;
    at = (at + (kind == 0 ? 1 : 2 + length)) & 511;
    seen += kind;
  }
  return seen;
}

PROGRAM(state_machine) {
  PACKET(u8, p);
  u32 state = 0, accepted = 0;
  LOOP(int i = 0; i < 512; i++) {
    u8 c = p[i] & 3;
    if (state == 0) state = c == 1 ? 1 : 0;
    else if (state == 1) state = c == 2 ? 2 : c == 1 ? 1 : 0;
    else if (state == 2) state = c == 3 ? 3 : 0;
    else state = 0, accepted++;
  }
  return accepted;
}

PROGRAM(branch_fanout) {
  PACKET(u8, p);
  u32 sum = 0;
  LOOP(int i = 0; i < 512; i++) {
    u8 v = p[i];
    if (v < 16) sum += 1;
    else if (v < 40) sum += 3;
    else if (v < 90) sum ^= 5;
    else if (v < 140) sum += v;
    else if (v < 200) sum -= 2;
    else sum += 11;
  }
  return sum;
}

PROGRAM(switch_dispatch) {
  PACKET(u8, p);
  u32 acc = 1;
  LOOP(int i = 0; i < 256; i++) {
    switch (p[i] & 7) {
      case 0: acc += 3; break;
      case 1: acc ^= 0x55; break;
      case 2: acc <<= 1; break;
      case 3: acc -= 7; break;
      case 4: acc *= 5; break;
      case 5: acc >>= 2; break;
      case 6: acc |= 0x100; break;
      default: acc = ~acc;
    }
  }
  return acc;
}

// Global, so that the verifier looks at it once.
noinline u32 search(u32 wanted) {
  u32 low = 0, high = 256;
  LOOP(int k = 0; k < 8; k++) {
    u32 middle = (low + high) / 2 & 255;
    if (table[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

PROGRAM(binary_search) {
  PACKET(u32, p);
  u32 found = 0;
  LOOP(int i = 0; i < 256; i++) table[i] = i * 4;
  LOOP(int i = 0; i < 64; i++) found += search(p[i] & 1023);
  return found;
}

PROGRAM(compare) {
  PACKET(u8, p);
  u32 same = 0;
  LOOP(int i = 0; i < 500; i++)
    if (p[i] == p[i + 512]) same++;
    else same ^= 1;
  return same;
}

PROGRAM(bubble) {
  PACKET(u32, p);
  LOOP(int i = 0; i < 24; i++) table[i] = p[i];
  LOOP(int i = 0; i < 23; i++)
    LOOP(int k = 0; k < 23; k++) {
      u32 a = table[k], b = table[k + 1];
      if (a > b) table[k] = b, table[k + 1] = a;
    }
  return table[0];
}

// --- calls

static noinline u64 leaf(u64 a, u64 b) {
  asm volatile("" : "+r"(a), "+r"(b));
  return a * 3 + b;
}

PROGRAM(calls) {
  PACKET(u64, p);
  u64 sum = 0;
  LOOP(int i = 0; i < 128; i++) sum = leaf(sum, p[i]);
  return sum;
}

static noinline u64 third(u64 a) {
  asm volatile("" : "+r"(a));
  return a ^ 0x5a5a;
}
static noinline u64 second(u64 a, u64 b) {
  asm volatile("" : "+r"(a), "+r"(b));
  return third(a) + b;
}
static noinline u64 first(u64 a, u64 b, u64 c) {
  asm volatile("" : "+r"(a), "+r"(b), "+r"(c));
  return second(a, b) * c;
}

PROGRAM(call_chain) {
  PACKET(u64, p);
  u64 sum = 1;
  LOOP(int i = 0; i < 64; i++) sum += first(sum, p[i], i);
  return sum;
}

// --- maps and helpers

PROGRAM(array_lookup) {
  PACKET(u32, p);
  u64 sum = 0;
  LOOP(int i = 0; i < 128; i++) {
    u32 key = p[i] & 255;
    u64 *value = bpf_map_lookup_elem(&slots, &key);
    if (value) sum += ++*value;
  }
  return sum;
}

PROGRAM(hash_lookup) {
  PACKET(u32, p);
  u64 sum = 0;
  LOOP(int i = 0; i < 128; i++) {
    u32 key = p[i] & 1023;
    u64 *value = bpf_map_lookup_elem(&flows, &key);
    if (value) sum += ++*value;
  }
  return sum;
}

char _license[] SEC("license") = "GPL";
