// The two ways people write BPF assembly.
#pragma once

#include <cstdint>

namespace skep::text {

enum class Dialect : std::uint8_t {
  llvm,      // as llvm-objdump and clang's inline assembly: r0 += 0x1, if r1 s> 0x5 goto +0x3
  mnemonic,  // as the conformance suite, ubpf and rbpf: add %r0, 1; jsgt %r1, 5, +3
};

}  // namespace skep::text
