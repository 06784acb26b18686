// An example program brought to life in one of two worlds: this project's emulated kernel, or the kernel
// that the tests run on. The tests are written once, and both must give the same verdicts, packets, maps
// and events.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "skep/base/bytes.hpp"
#include "skep/base/error.hpp"
#include "skep/examples/packets/packets.hpp"

namespace skep::test {

using examples::Packet;

// What to load, and what to change before.
struct WorldOptions {
  std::string example;   // folder below examples/
  std::string program;   // the entry
  std::map<std::string, std::vector<std::byte>> variables = {};  // of .rodata
  std::map<std::string, std::uint32_t> max_entries = {};         // of maps
};

struct Verdict {
  std::uint32_t value = 0;  // XDP_TX, TC_ACT_SHOT, …
  Packet packet;            // as it is afterwards
};

class World {
 public:
  virtual ~World() = default;
  virtual Result<Verdict> run(const Packet& packet) = 0;
  // Map access as user space has it: values of per-CPU maps are one per CPU, each rounded up to 8 bytes.
  virtual Result<std::vector<std::byte>> lookup(const std::string& map, Bytes key) = 0;
  virtual Result<> update(const std::string& map, Bytes key, Bytes value) = 0;
  virtual Result<> erase(const std::string& map, Bytes key) = 0;
  // The records that arrived in the ring buffer since the last call.
  virtual Result<std::vector<std::vector<std::byte>>> events(const std::string& map) = 0;
};

// --- Values as bytes. ---

template <class T>
Bytes bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}
template <class T>
std::vector<std::byte> vector_of(const T& value) {
  const auto bytes = bytes_of(value);
  return {bytes.begin(), bytes.end()};
}
// The first sizeof(T) of `bytes`, zeros where there are fewer.
template <class T>
T value_of(Bytes bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(sizeof value, bytes.size()));
  return value;
}

}  // namespace skep::test
