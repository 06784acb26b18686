#include "skep/jit/segment.hpp"

#include <sys/auxv.h>

namespace skep::jit {

bool segment_available() {
  constexpr unsigned long kFsgsbase = 1u << 1;  // HWCAP2_FSGSBASE of Linux's uapi/asm/hwcap2.h
  return (getauxval(AT_HWCAP2) & kFsgsbase) != 0;
}

}  // namespace skep::jit
