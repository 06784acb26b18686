// BPF registers. r10 is the read-only frame pointer.
#pragma once

#include <cstdint>

namespace skep {

enum class Reg : std::uint8_t { r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10 };

inline constexpr unsigned kRegCount = 11;

constexpr unsigned number(Reg reg) { return static_cast<unsigned>(reg); }

// So that programs built in C++ read like assembly: insn::mov64(r1, 5).
inline constexpr Reg r0 = Reg::r0, r1 = Reg::r1, r2 = Reg::r2, r3 = Reg::r3, r4 = Reg::r4, r5 = Reg::r5,
                     r6 = Reg::r6, r7 = Reg::r7, r8 = Reg::r8, r9 = Reg::r9, r10 = Reg::r10;

}  // namespace skep
