// Hot programs for the interpreter's bench: each works on the memory that r1 points to (64 KiB, filled by
// the bench) and executes some thousands of instructions a run. They are ordinary C, so that the mix of
// instructions is what clang makes of ordinary C.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SEC(name) __attribute__((section(name), used))
#define __uint(name, value) int (*name)[value]
#define __type(name, value) __typeof__(value) *name
#define bpf_htons(x) __builtin_bswap16(x)
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;

struct {
  __uint(type, 2 /* array */);
  __uint(max_entries, 256);
  __type(key, u32);
  __type(value, u64);
} slots SEC(".maps");

struct {
  __uint(type, 1 /* hash */);
  __uint(max_entries, 1024);
  __type(key, u32);
  __type(value, u64);
} flows SEC(".maps");

// One chain of dependent operations.
SEC("syscall") u64 alu_chain(u64 *memory) {
  u64 x = memory[0] | 1;
  for (int i = 0; i < 256; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    x += 0x9e3779b9;
  }
  return x;
}

// Four chains that do not depend on each other.
SEC("syscall") u64 alu_ilp(u64 *memory) {
  u64 a = memory[0], b = memory[1], c = memory[2], d = memory[3];
  for (int i = 0; i < 256; i++) {
    a = (a + 0x1234) ^ (a >> 3);
    b = (b - 0x4321) ^ (b << 5);
    c = (c | 0x11) + (c >> 9);
    d = (d & 0xffffff) + (d << 1);
  }
  return a ^ b ^ c ^ d;
}

SEC("syscall") u64 mul_div(u64 *memory) {
  u64 x = memory[0], sum = 0;
  u32 y = (u32)memory[1];
  for (u32 i = 1; i < 256; i++) {
    x = x * 6364136223846793005ull + 1442695040888963407ull;
    y = y * 1664525u + 1013904223u;
    sum += (u32)(x >> 33) / i;
    sum ^= y % (i + 7);
  }
  return sum;
}

SEC("syscall") u64 memory_scan(u64 *memory) {
  u64 sum = 0;
  for (int i = 0; i < 1024; i++) sum += memory[i];
  return sum;
}

SEC("syscall") u64 memory_copy(u64 *memory) {
  for (int i = 0; i < 512; i++) memory[4096 + i] = memory[i];
  return memory[4096 + 511];
}

// Counts bytes: loads and stores that depend on data.
SEC("syscall") u64 histogram(u8 *memory) {
  u32 *counts = (u32 *)(memory + 32768);
  for (int i = 0; i < 1024; i++) counts[memory[i]]++;
  return counts[0];
}

// Ethernet, IPv4, TCP or UDP, with the checks against the end that the kernel's verifier wants.
SEC("syscall") u64 packet_parse(u8 *memory) {
  u64 accepted = 0;
  for (int i = 0; i < 128; i++) {
    u8 *data = memory + i * 64, *end = data + 64;
    if (data + 14 > end) continue;
    if (*(u16 *)(data + 12) != bpf_htons(0x0800)) continue;
    u8 *ip = data + 14;
    if (ip + 20 > end) continue;
    if (ip[0] != 0x45) continue;
    u8 *l4 = ip + 20;
    if (ip[9] == 6) {
      if (l4 + 20 > end) continue;
      if (*(u16 *)(l4 + 2) == bpf_htons(443)) accepted++;
    } else if (ip[9] == 17) {
      if (l4 + 8 > end) continue;
      if (*(u16 *)(l4 + 2) == bpf_htons(53)) accepted += 2;
    }
    accepted += *(u32 *)(ip + 12) & 1;
  }
  return accepted;
}

// A state machine over bytes: branches that depend on data.
SEC("syscall") u64 state_machine(u8 *memory) {
  u32 state = 0, count = 0;
  for (int i = 0; i < 512; i++) {
    u8 c = memory[i] & 15;
    switch (state) {
      case 0: state = c < 4 ? 1 : c == 9 ? 3 : 0; break;
      case 1: state = c > 7 ? 2 : 1; break;
      case 2: state = c & 1 ? 0 : 3; count++; break;
      default: state = c == 5 ? 2 : c < 8 ? 0 : 1; break;
    }
    count += state;
    __asm__ volatile("" : "+r"(state), "+r"(count));
  }
  return count;
}

SEC("syscall") u64 binary_search(u32 *memory) {
  u32 *sorted = memory + 4096, found = 0;
  for (u32 i = 0; i < 64; i++) {
    u32 wanted = memory[i] & 4095, low = 0, high = 1024;
    while (low < high) {
      u32 middle = (low + high) / 2;
      if (sorted[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    found += low;
  }
  return found;
}

static __attribute__((noinline)) u64 mix(u64 a, u64 b) {
  u64 c = a ^ (b >> 5);
  __asm__ volatile("" : "+r"(c));
  return c + 3;
}

static __attribute__((noinline)) u64 mix_two(u64 a, u64 b) {
  return mix(a, b) + mix(b, a);
}

SEC("syscall") u64 calls(u64 *memory) {
  u64 x = memory[0];
  for (u64 i = 0; i < 100; i++) x = mix_two(x, i);
  return x;
}

static inline u32 rotate(u32 x, int n) { return x << n | x >> (32 - n); }

// Bob Jenkins' lookup3 over 1 KiB, as the kernel's jhash has it.
SEC("syscall") u64 jhash(u32 *memory) {
  u32 a = 0xdeadbeef, b = a, c = a;
  for (int i = 0; i < 255; i += 3) {
    a += memory[i];
    b += memory[i + 1];
    c += memory[i + 2];
    a -= c; a ^= rotate(c, 4); c += b;
    b -= a; b ^= rotate(a, 6); a += c;
    c -= b; c ^= rotate(b, 8); b += a;
    a -= c; a ^= rotate(c, 16); c += b;
    b -= a; b ^= rotate(a, 19); a += c;
    c -= b; c ^= rotate(b, 4); b += a;
  }
  return c;
}

SEC("syscall") u64 insertion_sort(u32 *memory) {
  u32 *values = memory + 8192;
  for (int i = 0; i < 48; i++) values[i] = memory[i];
  for (int i = 1; i < 48; i++) {
    u32 value = values[i];
    int j = i;
    while (j > 0 && values[j - 1] > value) {
      values[j] = values[j - 1];
      j--;
    }
    values[j] = value;
  }
  return values[0];
}

SEC("syscall") u64 array_lookup(u32 *memory) {
  u64 sum = 0;
  for (int i = 0; i < 128; i++) {
    u32 key = memory[i] & 255;
    u64 *value = bpf_map_lookup_elem(&slots, &key);
    if (value) sum += ++*value;
  }
  return sum;
}

SEC("syscall") u64 hash_lookup(u32 *memory) {
  u64 sum = 0;
  for (int i = 0; i < 128; i++) {
    u32 key = memory[i] & 1023;
    u64 *value = bpf_map_lookup_elem(&flows, &key);
    if (value) sum += ++*value;
  }
  return sum;
}

char _license[] SEC("license") = "GPL";
