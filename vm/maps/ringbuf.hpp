// BPF_MAP_TYPE_RINGBUF: records that programs reserve, fill and commit, in the order of reservation for all CPUs.
// kernel/bpf/ringbuf.c of Linux 6.18.
//
// A record is a header of 8 bytes (length with a busy and a discard bit, page offset) and its data, rounded up
// together to 8. It lies in guest memory where the kernel would have it; the kernel maps the data twice in a row so that a
// record which wraps is contiguous, and here the region is twice as long, which gives the same addresses. What counts is
// kept on the host: positions, lengths and states of the records between consumer and producer.
//
// The emulated user space takes records as soon as they are committed and nothing earlier is busy; they become
// events of the CPU that committed. A ring whose reader has fallen behind (Outcome::deliver) or that has none
// (set_consumer(false)) fills up, until the next commit or drain().
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "skep/vm/cpu.hpp"
#include "skep/vm/map.hpp"

namespace skep::vm {

class RingbufMap final : public Map {
 public:
  // Arguments of bpf_ringbuf_query.
  static constexpr std::uint64_t kAvailable = 0, kRingSize = 1, kConsumerPosition = 2, kProducerPosition = 3;
  // BPF_RB_NO_WAKEUP and BPF_RB_FORCE_WAKEUP, which change nothing here.
  static constexpr std::uint64_t kWakeupFlags = 3;

  // `region` holds 2 * max_entries bytes.
  RingbufMap(Machine& machine, const MapSpec& spec, GuestAddress region);
  ~RingbufMap() override;

  // Null if the map is of another type.
  static RingbufMap* from(Map* map) {
    return map != nullptr && map->type() == MapType::ringbuf ? static_cast<RingbufMap*>(map) : nullptr;
  }
  // The ring buffer that a record's address lies in; null if it is none's. (submit and discard get no map.)
  static RingbufMap* holding(Machine& machine, std::uint64_t record);

  // Room for `size` bytes; where they are, or 0 (no room, or any flag). The bytes are what was there before.
  GuestAddress reserve(Cpu& cpu, std::uint64_t size, std::uint64_t flags);
  // Ends a reservation; the record is sent or dropped. False if `record` is not the address of a live reservation (a
  // Fault, bad_argument).
  [[nodiscard]] bool submit(Cpu& cpu, std::uint64_t record) { return commit(cpu, record, false); }
  [[nodiscard]] bool discard(Cpu& cpu, std::uint64_t record) { return commit(cpu, record, true); }
  // Reserve, copy and submit. 0, -EINVAL (flags), -EAGAIN (no room).
  int output(Cpu& cpu, Bytes data, std::uint64_t flags);
  // Unknown queries answer 0.
  std::uint64_t query(std::uint64_t what) const;

  // Discards what a CPU has reserved and not committed. The verifier would have refused such a program; here the CPU's
  // next run begins with it.
  void abandon(Cpu& cpu);

  void set_consumer(bool present) { consumer_ = present; }
  // Takes the committed records up to the first that is busy.
  void drain(std::vector<Event>& events);

 private:
  enum class State : std::uint8_t { busy, submitted, discarded };
  struct Record {
    std::uint64_t position = 0;  // of its header; positions count all bytes ever reserved
    std::uint32_t size = 0;      // of the data
    std::uint32_t cpu = 0;       // that reserved it
    State state = State::busy;
  };

  bool commit(Cpu& cpu, std::uint64_t address, bool discarded);
  GuestAddress data_of(const Record& record) const;
  Record* find(std::uint64_t address);
  void finish(Record& record, State state);
  template <class Deliver>
  void take_each(Deliver deliver);
  void take(Outcome& outcome);
  std::uint64_t mask() const { return spec_.max_entries - 1; }

  GuestAddress region_;
  std::deque<Record> records_;  // between consumer and producer, by position
  std::uint64_t consumed_ = 0, produced_ = 0;
  bool consumer_ = true;
};

}  // namespace skep::vm
