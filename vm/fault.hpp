// How a run ends badly, and the one process-wide thing that this library needs: a SIGSEGV handler.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "skep/base/error.hpp"

namespace skep::vm {

enum class FaultKind : std::uint8_t {
  memory,          // load or store of an unmapped (or read-only) guest address
  misaligned,      // atomic on an address that is not a multiple of its size
  out_of_fuel,     // more instructions than the run may execute
  call_depth,      // more than 8 frames, callbacks included
  bad_jump,        // gotox or callx to something that is no instruction or function
  bad_argument,    // a helper got something that the verifier would never let through (no map, no context)
  invalid_instruction,  // reached an instruction that cannot be executed (poison)
  helper,          // a helper or mock of the host failed; the detail says how
};
// "memory", "out_of_fuel", …
std::string_view to_string(FaultKind kind);

struct Fault {
  FaultKind kind{};
  std::string program;          // name
  std::string function;         // the function of the program that holds the instruction
  std::uint32_t instruction = 0;  // slot in the linked program
  std::string file;             // source, empty if unknown
  std::uint32_t line = 0;
  std::string text;             // the source line, empty if unknown
  std::optional<std::uint64_t> address;  // full register value + offset for memory faults
  std::string region;           // what lies at address, in words
  std::string detail;           // one sentence for people

  bool operator==(const Fault&) const = default;
};

// "memory fault in xdp_lb, instruction 42 (lb.bpf.c:37): store of 4 bytes at 0x0: null page"
std::string to_string(const Fault& fault);

// The documented exception to "no globals": SIGSEGV and SIGBUS in guest accesses become faults. install()
// is idempotent and thread-safe, uses SA_ONSTACK, and chains to the handler that was there before.
class FaultHandler {
 public:
  static Result<> install();

  // For an engine that compiles: asked when guest memory at `address` cannot be accessed by code that is not in the
  // exception table. If the pc in `context` (a ucontext_t) is the engine's, it sets where to go on and says true.
  // Async-signal-safe; one for the process, kept for ever.
  using CompiledCode = bool (*)(void* context, std::uintptr_t address);
  static void set_compiled_code(CompiledCode handler);
};

}  // namespace skep::vm
