// SHA-256, to name the contents of data sections in a report.
#pragma once

#include <array>

#include "skep/base/bytes.hpp"

namespace skep::harness {

std::array<std::byte, 32> sha256(Bytes data);

}  // namespace skep::harness
