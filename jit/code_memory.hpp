// Where compiled code lies: memory that is mapped twice, once to write and once to execute, never both at one address.
// One reservation for the process, near the library's own code, so that calls of helpers reach them with 32 bits.
//
// A block is a number of whole units of 256 bytes. Which block a pc lies in is answered without a lock, also in a signal
// handler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "skep/base/error.hpp"

namespace skep::jit {

class CodeMemory;

// A block of code; gives its memory back. Whoever has it knows that no CPU executes it.
class CodeBlock {
 public:
  CodeBlock() = default;
  CodeBlock(CodeBlock&& other) noexcept { *this = std::move(other); }
  CodeBlock& operator=(CodeBlock&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(unit_, other.unit_);
    std::swap(units_, other.units_);
    return *this;
  }
  ~CodeBlock();

  std::byte* writable() const;        // to write what is to be executed
  const std::byte* code() const;      // to execute
  std::size_t size() const;           // bytes

 private:
  friend class CodeMemory;
  CodeMemory* memory_ = nullptr;
  std::uint32_t unit_ = 0, units_ = 0;
};

class CodeMemory {
 public:
  // The process's, made on first use and kept. Errors: not_supported (no memfd, no executable mapping).
  static Result<CodeMemory*> get();

  // Any number of threads may allocate. Errors: not_supported (more code than the reservation holds).
  Result<CodeBlock> allocate(std::size_t size);

  // What owner_of answers for the code of a block; null until it is set. The owner must outlive the block.
  static void set_owner(const CodeBlock& block, const void* owner);
  // The owner of the block that `pc` is in; null if it is in none. Async-signal-safe.
  static const void* owner_of(std::uintptr_t pc);

 private:
  friend class CodeBlock;
  CodeMemory(std::byte* writable, std::byte* code) : writable_(writable), code_(code) {}
  static Result<CodeMemory*> create();
  void release(std::uint32_t unit, std::uint32_t units);

  std::byte *writable_, *code_;
};

}  // namespace skep::jit
