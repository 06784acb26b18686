// The interpreter and compiled code over the same program: the same r0, fault, count, memory and stack. The first byte
// chooses: a program made of the input's bytes as choices (tests/jit/random_program.hpp), which is always valid; or the
// bytes themselves as instructions, if they are.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "skep/asm/codec.hpp"
#include "skep/jit/engine.hpp"
#include "skep/tests/jit/random_program.hpp"
#include "skep/vm/machine.hpp"

namespace {

using namespace skep;

constexpr std::size_t kMemory = 64;
constexpr std::uint64_t kFuel = 3000;

void check(bool holds) {
  if (!holds) std::abort();
}

// Choices from bytes; zeros when they are used up.
struct Choices {
  Bytes bytes;
  std::uint64_t operator()() {
    std::uint64_t value = 0;
    const auto count = std::min(bytes.size(), sizeof value);
    if (count != 0) std::memcpy(&value, bytes.data(), count);
    bytes = bytes.subspan(count);
    return value;
  }
};

struct Side {
  std::unique_ptr<vm::Machine> machine;
  vm::GuestAddress memory = 0;
  vm::RunResult result;

  Side(const vm::Engine& engine, const ProgramSpec& spec) {
    auto made = vm::Machine::create();
    check(made.has_value());
    machine = std::move(*made);
    memory = *machine->memory().allocate(kMemory, "memory");
    for (std::size_t i = 0; i < kMemory; ++i) machine->memory().base()[memory + i] = static_cast<std::byte>(37 * i);
    const auto program = machine->load(spec);
    if (!program) return;
    const auto executable = (*program)->executable(engine);
    check(executable.has_value());
    result = (*executable)->run(machine->cpu(), nullptr, memory, kMemory, kFuel);
  }
  bool same(const Side& other) const {
    const auto equal = [&](vm::GuestAddress at, std::size_t size) {
      return std::memcmp(machine->memory().base() + at, other.machine->memory().base() + at, size) == 0;
    };
    constexpr std::uint32_t kStack = vm::kMaxFrames * vm::kMaxFrameSize;
    return result.r0 == other.result.r0 && result.instructions == other.result.instructions &&
           result.fault == other.result.fault && equal(memory, kMemory) &&
           equal(machine->cpu().stack_top() - kStack, kStack);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Bytes bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  ProgramSpec spec;
  if (data[0] % 4 != 0) {
    Choices choices{bytes};
    spec = test::RandomProgram(choices).make();
  } else {
    const auto insns = decode(bytes.first(bytes.size() / kSlotSize * kSlotSize));
    if (!insns) return 0;
    spec.name = "bytes";
    spec.code.insns = *insns;
  }
  const Side interpreted(vm::interpreter(), spec);
  for (const bool segment : {true, false})
    check(Side(jit::engine({.segment = segment, .bmi2 = segment}), spec).same(interpreted));
  return 0;
}
