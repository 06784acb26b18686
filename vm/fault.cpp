// Names and text of faults.
#include "skep/vm/fault.hpp"

#include <fmt/format.h>

namespace skep::vm {

std::string_view to_string(FaultKind kind) {
  switch (kind) {
    case FaultKind::memory: return "memory";
    case FaultKind::misaligned: return "misaligned";
    case FaultKind::out_of_fuel: return "out_of_fuel";
    case FaultKind::call_depth: return "call_depth";
    case FaultKind::bad_jump: return "bad_jump";
    case FaultKind::bad_argument: return "bad_argument";
    case FaultKind::invalid_instruction: return "invalid_instruction";
    case FaultKind::helper: return "helper";
  }
  return "unknown";
}

std::string to_string(const Fault& fault) {
  std::string text = fmt::format("{} fault in {}", to_string(fault.kind), fault.program);
  if (!fault.function.empty() && fault.function != fault.program) text += ": " + fault.function;
  text += fmt::format(", instruction {}", fault.instruction);
  if (fault.line != 0) text += fmt::format(" ({}:{})", fault.file, fault.line);
  text += ": " + fault.detail;
  if (fault.address) text += fmt::format(" at {:#x}", *fault.address);
  if (!fault.region.empty()) text += ": " + fault.region;
  return text;
}

}  // namespace skep::vm
