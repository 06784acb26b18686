// bpf_loop.
#include "skep/vm/helpers/support.hpp"

namespace skep::vm {
namespace {

constexpr std::uint32_t kMaxLoops = 1u << 23;  // BPF_MAX_LOOPS

// Calls callback(index, context) until it answers anything but 0; the number of calls.
std::uint64_t loop(std::uint64_t count, std::uint64_t callback, std::uint64_t context, std::uint64_t flags,
                   std::uint64_t, Cpu& cpu) {
  if (flags != 0) return answer(-kEINVAL);
  // The verifier inlines calls whose flags are 0, and its code answers with a 32-bit register.
  if (low(count) > kMaxLoops) return low(answer(-kE2BIG));
  for (std::uint32_t index = 0; index < low(count); ++index) {
    const auto stop = cpu.call(callback, index, context);
    if (!stop) return 0;
    if (*stop != 0) return index + 1;
  }
  return low(count);
}

}  // namespace

void register_control_helpers(HelperTable& table) { table.set(181, loop); }

}  // namespace skep::vm
