// bpf_perf_event_output: a record of the program's bytes, and behind them as many of the packet as bits
// 32 to 51 of the flags say (programs with a packet).
#include "skep/vm/context/packet_context.hpp"
#include "skep/vm/helpers/support.hpp"
#include "skep/vm/machine.hpp"
#include "skep/vm/maps/perf_event_array.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

// A record's size is 16 bits in perf's header.
constexpr U kMaxRecord = 0xffff;
constexpr U kPacketMask = U{0xfffff} << 32;  // BPF_F_CTXLEN_MASK

U output(U context, U handle, U flags, U data, U size, Cpu& cpu) {
  Map* const map = helper::map(cpu, "perf_event_output", handle);
  if (map == nullptr || (cpu.context() != nullptr && !helper::is_context(cpu, "perf_event_output", context))) return 0;
  auto* const events = PerfEventArrayMap::from(map);
  if (events == nullptr) {
    helper::bad_argument(cpu, "perf_event_output", "no perf event array", handle);
    return 0;
  }
  const Packet* const packet = cpu.context() != nullptr ? cpu.context()->packet() : nullptr;
  if ((flags & ~(PerfEventArrayMap::kIndexMask | (packet != nullptr ? kPacketMask : 0))) != 0) return answer(-kEINVAL);
  Bytes piece;
  if (const U wanted = (flags & kPacketMask) >> 32; wanted != 0) {
    if (wanted > packet->end - packet->data) return answer(-kEFAULT);
    piece = Bytes(cpu.machine().memory().base() + packet->data, wanted);
  }
  if (size > kMaxRecord || piece.size() > kMaxRecord - size) return answer(-kE2BIG);
  // Delivered, the record is copied once more.
  cpu.charge(helper::work::kRecord + size / 8 + piece.size() / 4);
  helper::Buffer bytes;
  if (!bytes.read(cpu, "perf_event_output", data, size)) return 0;
  return answer(events->output(cpu, flags & PerfEventArrayMap::kIndexMask, bytes.bytes(), piece));
}

}  // namespace

void register_perf_helpers(HelperTable& table) { table.set(25, output); }

}  // namespace skep::vm
