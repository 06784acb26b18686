// The hot programs of hot.bpf.c in a machine that holds what they work on.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <time.h>

#include "skep/base/file.hpp"
#include "skep/elf/load.hpp"
#include "skep/vm/collection.hpp"

namespace skep::bench {

inline constexpr std::size_t kMemory = 64 << 10;                       // what r1 points to
inline constexpr std::size_t kSorted = 16 << 10, kSortedCount = 1024;  // where binary_search looks

template <class T>
T must(Result<T> result) {
  if (result) {
    if constexpr (!std::is_void_v<T>)
      return std::move(*result);
    else
      return;
  }
  std::fprintf(stderr, "bench: %s\n", result.error().what().c_str());
  std::exit(3);
}

// A machine with the object's maps filled and its memory in place.
struct World {
  std::unique_ptr<vm::Machine> machine = must(vm::Machine::create());
  vm::Collection collection;
  vm::GuestAddress memory;

  explicit World(const CollectionSpec& spec)
      : collection(must(vm::Collection::create(*machine, spec))),
        memory(must(machine->memory().allocate(kMemory, "memory"))) {
    // Half of the keys that hash_lookup asks for are there.
    vm::Map& flows = *machine->map("flows");
    for (std::uint32_t key = 0; key < 1024; key += 2) {
      std::byte raw[4];
      const std::byte value[8] = {};
      store(raw, key);
      must(flows.host_update(raw, value, vm::kAny));
    }
  }

  void fill(bool packets) {
    std::vector<std::byte> bytes(kMemory);
    std::uint64_t state = 1;
    for (auto& byte : bytes) {
      state = state * 6364136223846793005u + 1;
      byte = static_cast<std::byte>(state >> 56);
    }
    for (std::uint32_t i = 0; i < kSortedCount; ++i) store(&bytes[kSorted + i * 4], i * 4);
    for (std::size_t at = 0; packets && at < 128 * 64; at += 64) {  // Ethernet, IPv4, TCP or UDP
      store<std::uint16_t>(&bytes[at + 12], 0x0800, ByteOrder::big);
      bytes[at + 14] = std::byte{0x45};
      bytes[at + 23] = at % 192 == 0 ? std::byte{17} : std::byte{6};
      store<std::uint16_t>(&bytes[at + 36], at % 128 == 0 ? 443 : 80, ByteOrder::big);
    }
    machine->memory().copy_out(memory, bytes.data(), bytes.size());
  }
};

// CPU time of this thread: what other processes do on a busy machine is not the interpreter's.
inline double cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

inline CollectionSpec hot_programs() {
  const auto object = must(read_file(SKEP_BUILD_DIR "/bpf/bench/hot.bpf.o"));
  return must(elf::load(object));
}

}  // namespace skep::bench
