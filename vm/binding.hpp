// The step of Program::load that gives names their meaning in a machine.
#pragma once

#include <cstdint>

#include "skep/asm/code.hpp"
#include "skep/spec/types.hpp"
#include "skep/vm/memory.hpp"

namespace skep::vm {

class Machine;

// bpf_tail_call, which engines do themselves.
inline constexpr std::int64_t kTailCall = 12;

// Calls of helpers whose number says "must not be reached": what CO-RE relocation (spec::kCorePoison) and missing weak
// kfuncs (spec::kKfuncPoison and up) leave behind. They load, and are a fault when executed.
bool is_poison(const Instruction& instruction);

// Replaces the references of validated code by map handles, value addresses and code addresses (code begins at
// `code_base`), and checks that every helper is there and that programs of `type` may call it (unspec: any). Errors:
// not_supported or rejected, naming instruction and symbol.
Result<> bind(Machine& machine, GuestAddress code_base, ProgramType type, Code& code);

}  // namespace skep::vm
