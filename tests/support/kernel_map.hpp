// A map of the real kernel through raw bpf(2), to hold emulated maps against. Every operation answers 0 or
// a negative errno, as the system call does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "skep/base/bytes.hpp"
#include "skep/base/fd.hpp"
#include "skep/spec/map.hpp"

namespace skep::test {

class KernelMap {
 public:
  // Why maps cannot be made here, in words; empty if they can.
  static std::string unavailable();
  // The kernel's possible CPUs: how many values a per-CPU map has.
  static std::uint32_t possible_cpus();

  // error() tells whether it worked. Sizes and flags of the spec are passed as they are.
  explicit KernelMap(const MapSpec& spec);
  // A map that somebody else made.
  explicit KernelMap(Fd fd) : fd_(std::move(fd)) {}
  int error() const { return error_; }
  // What the kernel made of it: sizes, entries, flags.
  MapSpec info() const;

  // `value` has as many bytes as the kernel will write.
  int lookup(Bytes key, MutableBytes value, std::uint64_t flags = 0) const;
  int update(Bytes key, Bytes value, std::uint64_t flags) const;
  int erase(Bytes key) const;
  int next_key(std::optional<Bytes> key, MutableBytes next) const;
  int freeze() const;

 private:
  Fd fd_;
  int error_ = 0;
};

}  // namespace skep::test
