#include "skep/vm/maps/ringbuf.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <mutex>

#include "skep/vm/machine.hpp"
#include "skep/vm/maps/families.hpp"

namespace skep::vm {
namespace {

constexpr std::uint32_t kHeader = 8, kBusy = 1u << 31, kDiscard = 1u << 30;
constexpr std::uint64_t kMaxRecord = UINT32_MAX / 4;  // RINGBUF_MAX_RECORD_SZ
// Pages before the data: the ring's own, the consumer's and the producer's. Headers hold their page's number.
constexpr std::uint64_t kPagesBefore = 3;

constexpr std::uint64_t length(std::uint64_t size) { return (size + kHeader + 7) / 8 * 8; }

}  // namespace

RingbufMap::RingbufMap(Machine& machine, const MapSpec& spec, GuestAddress region) : Map(machine, spec), region_(region) {}
RingbufMap::~RingbufMap() { machine_.memory().release(region_); }

RingbufMap* RingbufMap::holding(Machine& machine, std::uint64_t record) {
  for (const auto& map : machine.maps())
    if (RingbufMap* const ring = from(map.get()))
      if (record >= ring->region_ && record - ring->region_ < 2 * std::uint64_t{ring->spec_.max_entries}) return ring;
  return nullptr;
}

GuestAddress RingbufMap::data_of(const Record& record) const {
  return region_ + static_cast<GuestAddress>(record.position & mask()) + kHeader;
}

GuestAddress RingbufMap::reserve(Cpu& cpu, std::uint64_t size, std::uint64_t flags) {
  if (flags != 0 || size > kMaxRecord) return 0;
  const std::lock_guard locked(lock_);
  // One byte always stays free.
  if (length(size) > mask() || produced_ + length(size) - consumed_ > mask()) return 0;
  const Record record{produced_, static_cast<std::uint32_t>(size), cpu.id(), State::busy};
  records_.push_back(record);
  produced_ += length(size);
  ++cpu.open_records;
  const std::uint32_t page = static_cast<std::uint32_t>((record.position & mask()) / kPageSize + kPagesBefore);
  std::byte* const header = machine_.memory().base() + data_of(record) - kHeader;
  store(header, record.size | kBusy);
  store(header + 4, page);
  return data_of(record);
}

// Hands records to `deliver` until it answers false.
template <class Deliver>
void RingbufMap::take_each(Deliver deliver) {
  for (; !records_.empty() && records_.front().state != State::busy; records_.pop_front()) {
    const Record& record = records_.front();
    if (record.state == State::submitted) {
      const std::byte* const data = machine_.memory().base() + data_of(record);
      if (!deliver(Event{name(), record.cpu, {data, data + record.size}})) return;
    }
    consumed_ += length(record.size);
  }
}

void RingbufMap::take(Outcome& outcome) {
  take_each([&](Event event) { return outcome.deliver(std::move(event)); });
}

void RingbufMap::drain(std::vector<Event>& events) {
  const std::lock_guard locked(lock_);
  take_each([&](Event event) {
    events.push_back(std::move(event));
    return true;
  });
}

RingbufMap::Record* RingbufMap::find(std::uint64_t address) {
  if (address < region_ + std::uint64_t{kHeader}) return nullptr;
  const std::uint64_t offset = address - kHeader - region_;
  if (offset > mask()) return nullptr;
  const std::uint64_t position = consumed_ + ((offset - consumed_) & mask());
  const auto found = std::ranges::lower_bound(records_, position, {}, &Record::position);
  return found != records_.end() && found->position == position ? &*found : nullptr;
}

void RingbufMap::finish(Record& record, State state) {
  record.state = state;
  --machine_.cpu(record.cpu).open_records;
  store(machine_.memory().base() + data_of(record) - kHeader, record.size | (state == State::discarded ? kDiscard : 0));
}

bool RingbufMap::commit(Cpu& cpu, std::uint64_t address, bool discarded) {
  const std::lock_guard locked(lock_);
  Record* const record = find(address);
  if (record == nullptr || record->state != State::busy) return false;
  finish(*record, discarded ? State::discarded : State::submitted);
  if (consumer_) take(cpu.outcome());
  return true;
}

int RingbufMap::output(Cpu& cpu, Bytes data, std::uint64_t flags) {
  if ((flags & ~kWakeupFlags) != 0) return -kEINVAL;
  const GuestAddress record = reserve(cpu, data.size(), 0);
  if (record == 0) return -kEAGAIN;
  std::memcpy(machine_.memory().base() + record, data.data(), data.size());
  return submit(cpu, record) ? 0 : -kEINVAL;
}

std::uint64_t RingbufMap::query(std::uint64_t what) const {
  const std::lock_guard locked(lock_);
  switch (what) {
    case kAvailable: return produced_ - consumed_;
    case kRingSize: return spec_.max_entries;
    case kConsumerPosition: return consumed_;
    case kProducerPosition: return produced_;
    default: return 0;
  }
}

void RingbufMap::abandon(Cpu& cpu) {
  const std::lock_guard locked(lock_);
  for (Record& record : records_)
    if (record.state == State::busy && record.cpu == cpu.id()) finish(record, State::discarded);
  if (consumer_) take(cpu.outcome());
}

MapResult create_ringbuf(Machine& machine, const MapSpec& declared) {
  MapSpec spec = declared;
  // As libbpf: up to a power of two of pages; 0 and what would not fit into 32 bits are left for the kernel to refuse.
  constexpr std::uint32_t kLargest = 1u << 31;
  if (spec.max_entries != 0 && spec.max_entries <= kLargest)
    spec.max_entries = std::max(std::bit_ceil(spec.max_entries), kPageSize);
  SKEP_TRY(check_flags(spec, kNumaNode));
  SKEP_TRY(check_entries(spec));
  SKEP_TRY(check_sizes(spec, 0, 0));
  if (!std::has_single_bit(spec.max_entries))
    return refuse(kEINVAL, "max_entries {}: a ring buffer has a power of two of pages", spec.max_entries);
  const auto region = SKEP_TRY(machine.memory().allocate(2 * std::uint64_t{spec.max_entries},
                                                         fmt::format("records of map {}", spec.name)));
  return std::make_unique<RingbufMap>(machine, spec, region);
}

}  // namespace skep::vm
