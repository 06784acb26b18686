// Ring buffers (vm/maps/ringbuf.hpp does the work).
#include "skep/vm/maps/ringbuf.hpp"

#include "skep/vm/helpers/support.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

RingbufMap* ring(Cpu& cpu, std::string_view name, U handle) {
  Map* const map = helper::map(cpu, name, handle);
  if (map == nullptr) return nullptr;
  RingbufMap* const found = RingbufMap::from(map);
  if (found == nullptr) helper::bad_argument(cpu, name, "no ring buffer", handle);
  return found;
}

U output(U handle, U data, U size, U flags, U, Cpu& cpu) {
  RingbufMap* const found = ring(cpu, "ringbuf_output", handle);
  if (found == nullptr) return 0;
  if ((flags & ~RingbufMap::kWakeupFlags) != 0) return answer(-kEINVAL);
  if (size > found->spec().max_entries) return answer(-kEAGAIN);
  helper::Buffer bytes;
  cpu.charge(helper::work::kRecord + size / 4);  // into the ring, and delivered
  if (!bytes.read(cpu, "ringbuf_output", data, size)) return 0;
  return answer(found->output(cpu, bytes.bytes(), flags));
}

U reserve(U handle, U size, U flags, U, U, Cpu& cpu) {
  RingbufMap* const found = ring(cpu, "ringbuf_reserve", handle);
  if (found == nullptr) return 0;
  const U record = found->reserve(cpu, size, flags);
  cpu.charge(helper::work::kRecord + (record != 0 ? size / 8 : 0));  // its copy, when it is delivered
  return record;
}

// The record says which ring it is of.
template <bool (RingbufMap::*end)(Cpu&, U)>
U commit(std::string_view name, U record, Cpu& cpu) {
  cpu.charge(helper::work::kRecord + cpu.machine().maps().size() / 2);
  RingbufMap* const found = RingbufMap::holding(cpu.machine(), record);
  if (found == nullptr || !(found->*end)(cpu, record)) helper::bad_argument(cpu, name, "no reserved record", record);
  return 0;
}

U submit(U record, U, U, U, U, Cpu& cpu) { return commit<&RingbufMap::submit>("ringbuf_submit", record, cpu); }
U discard(U record, U, U, U, U, Cpu& cpu) { return commit<&RingbufMap::discard>("ringbuf_discard", record, cpu); }

U query(U handle, U what, U, U, U, Cpu& cpu) {
  RingbufMap* const found = ring(cpu, "ringbuf_query", handle);
  return found == nullptr ? 0 : found->query(what);
}

}  // namespace

void register_ringbuf_helpers(HelperTable& table) {
  table.set(130, output);
  table.set(131, reserve);
  table.set(132, submit);
  table.set(133, discard);
  table.set(134, query);
}

}  // namespace skep::vm
