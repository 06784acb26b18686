// SHA-256, to name the contents of data sections in a report.
#pragma once

#include <array>
#include <cstdint>

#include "skep/base/bytes.hpp"

namespace skep::harness {

// The digest of `data` followed by `zeros` zero bytes (a .bss has no bytes of its own). `plain`: in C++ even where the
// processor has instructions for it, to compare.
std::array<std::byte, 32> sha256(Bytes data, std::uint64_t zeros = 0, bool plain = false);

}  // namespace skep::harness
