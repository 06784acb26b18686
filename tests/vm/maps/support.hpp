// What the tests of maps share: a machine, specs in one line, keys and values of integers.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "skep/asm/builder.hpp"
#include "skep/tests/support/result.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {

using Data = std::vector<std::byte>;

inline std::unique_ptr<Machine> machine_with(std::uint32_t cpus) {
  MachineOptions options;
  options.cpus = cpus;
  auto machine = Machine::create(options);
  EXPECT_OK(machine);
  return std::move(*machine);
}

inline MapSpec map_spec(MapType type, std::uint32_t key_size, std::uint32_t value_size, std::uint32_t max_entries,
                        std::uint32_t flags = 0) {
  MapSpec spec;
  spec.name = "m";
  spec.type = type;
  spec.key_size = key_size;
  spec.value_size = value_size;
  spec.max_entries = max_entries;
  spec.flags = flags;
  return spec;
}

// The bytes of an integer.
template <std::integral T>
Data raw(T value) {
  Data bytes(sizeof value);
  store(bytes.data(), value);
  return bytes;
}
inline Data u32(std::uint32_t value) { return raw(value); }
inline Data u64(std::uint64_t value) { return raw(value); }

// The errno of a host operation: 0 or negative.
template <class T>
int sys(const Result<T>& result) {
  return result ? 0 : -result.error().sys();
}

// All keys, in the map's order.
inline std::vector<Data> keys_of(Map& map) {
  std::vector<Data> keys;
  for (auto key = map.next_key(std::nullopt); key; key = map.next_key(*key)) keys.push_back(*key);
  return keys;
}

// A machine with two CPUs, fresh for each test.
class MapTest : public testing::Test {
 protected:
  Map& create(const MapSpec& spec) {
    auto map = machine->create_map(spec);
    EXPECT_OK(map);
    return **map;
  }
  // The errno of a creation that is refused, 0 if it is not.
  int refused(const MapSpec& spec) {
    MapSpec named = spec;
    named.name = "m" + std::to_string(machine->maps().size());
    return sys(machine->create_map(named));
  }
  // A program that returns 0.
  Program* program(std::string_view name, ProgramType type) {
    ProgramSpec spec;
    spec.name = name;
    spec.type = type;
    spec.code = *CodeBuilder().function(name).add(insn::mov64(r0, 0), insn::exit()).build();
    auto loaded = machine->load(spec);
    EXPECT_OK(loaded);
    return *loaded;
  }
  // What a program reads at a guest address.
  template <std::integral T>
  T read(GuestAddress address) {
    T value{};
    EXPECT_TRUE(machine->memory().copy_in(&value, address, sizeof value));
    return value;
  }

  std::unique_ptr<Machine> machine = machine_with(2);
  Cpu& cpu0 = machine->cpu(0);
  Cpu& cpu1 = machine->cpu(1);
};

}  // namespace skep::vm
