// A virtual CPU: the stack, the context, and what the current run has done so far. Helpers get it as
// their last argument. Used by one thread at a time.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "skep/vm/fault.hpp"
#include "skep/vm/memory.hpp"

namespace skep::vm {

class Context;
class Executable;
class Machine;
class Map;
class Program;
struct RunResult;

// A record that a program sent to user space.
struct Event {
  std::string map;             // its ring buffer or perf event array
  std::uint32_t cpu = 0;
  std::vector<std::byte> data;
  bool operator==(const Event&) const = default;
};

// Where a program asked the packet to go (bpf_redirect, bpf_redirect_map and friends).
struct Redirect {
  std::string helper;          // "redirect", "redirect_map", "redirect_neigh", …
  std::string map;             // redirect_map: its name
  std::optional<std::uint32_t> ifindex;   // redirect; redirect_map: the devmap entry's
  std::optional<std::uint64_t> key;       // redirect_map
  std::uint64_t flags = 0;
  bool operator==(const Redirect&) const = default;
};

// A copy of the packet that was sent while the program ran (bpf_clone_redirect).
struct Clone {
  Redirect to;
  std::vector<std::byte> data;
  bool operator==(const Clone&) const = default;
};

// What one run leaves besides its return value.
struct Outcome {
  std::optional<Redirect> redirect;
  std::vector<Event> events;
  std::vector<Clone> clones;
  std::vector<std::string> printk;  // lines of bpf_trace_printk, without the newline
  std::uint64_t printk_lost = 0;    // lines there was no room for

  // Adds a record to `events`; false, and nothing added, if the reader has fallen behind: a run keeps at most
  // kMaxEventBytes of records, 64 bytes counted for each besides its data.
  static constexpr std::uint64_t kMaxEventBytes = 64u << 20;
  [[nodiscard]] bool deliver(Event event);
  // The same account for what else a run leaves (printk, clones).
  [[nodiscard]] bool take_room(std::uint64_t bytes);
  std::uint64_t event_bytes = 0;
};

// 33 tail calls in one run (MAX_TAIL_CALL_CNT), 8 frames (MAX_CALL_FRAMES), 512 bytes of stack a frame.
// Fuel is at most 2^58, years of running.
inline constexpr std::uint64_t kMaxFuel = std::uint64_t{1} << 58;
inline constexpr std::uint32_t kMaxTailCalls = 33, kMaxFrames = 8, kMaxFrameSize = 512;

// What entering and leaving a callback costs, in fuel.
inline constexpr std::uint64_t kCallbackWork = 12;

class Cpu {
 public:
  Cpu(Machine& machine, std::uint32_t id, GuestAddress stack_top)
      : machine_(machine), id_(id), stack_top_(stack_top) {}
  Cpu(const Cpu&) = delete;
  Cpu& operator=(const Cpu&) = delete;

  Machine& machine() const { return machine_; }
  std::uint32_t id() const { return id_; }
  // r10 of the outermost frame.
  GuestAddress stack_top() const { return stack_top_; }

  // The context of the current run; null if the program was given raw memory.
  Context* context() const { return context_; }
  Outcome& outcome() { return outcome_; }

  // For helpers that take callbacks: runs the guest function at `function` (an address that ld_func
  // gave) on this CPU and returns its r0; charges kCallbackWork. Nothing if the run is over (fault, no fuel): the
  // helper must then return at once; the call site notices. A bad address is a fault.
  std::optional<std::uint64_t> call(std::uint64_t function, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                                    std::uint64_t a3 = 0, std::uint64_t a4 = 0, std::uint64_t a5 = 0);

  // Ends the run with a fault at the calling instruction. Helpers call it and return any value.
  void fault(FaultKind kind, std::string detail, std::optional<std::uint64_t> address = {});
  bool stopped() const { return is_stopped; }

  // Charges fuel for work inside a helper, in proportion to it: about one for 4 ns, which is 8 bytes copied or an
  // instruction of the guest's; at most 2^40 a call. Entering a callback is charged by call().
  void charge(std::uint64_t work) {
    work = std::min(work, std::uint64_t{1} << 40);
    helper_work += work;
    fuel_left -= static_cast<std::int64_t>(work);
  }

  // --- For engines. ---
  // Starts a run of `what` in its first frame, with an empty outcome.
  void begin_run(Program& what, Executable& how, Context* context, std::uint64_t fuel);
  // Ends it: gives back a lock that it still holds. `r0` counts if the run was not stopped.
  RunResult end_run(std::uint64_t r0);
  // Ends the run with a fault at `slot` of the program that runs now.
  void fault_at(std::uint32_t slot, FaultKind kind, std::string detail, std::optional<std::uint64_t> address = {});
  // Why a run without fuel has none: what it used of how much.
  std::string fuel_text() const;
  // Instructions executed by now in this run; exact whenever fuel_left is.
  std::uint64_t instructions() const {
    return static_cast<std::uint64_t>(fuel_at_start - fuel_left) - helper_work;
  }

  Program* program = nullptr;        // what runs now; changed by tail calls
  Executable* executable = nullptr;
  const void* call_site = nullptr;   // the helper call in progress, as the executable knows it (Executable::slot_of)
  GuestAddress frame_pointer = 0;    // r10 at that call
  // Fuel: one an instruction, and helpers' work. Engines bring it up to date before each helper call and
  // read it back after it. The run ends when none is left at a backward jump, call or tail call.
  std::int64_t fuel_left = 0, fuel_at_start = 0;
  std::uint64_t helper_work = 0;
  std::uint32_t tail_calls = 0;
  std::uint32_t callbacks = 0;       // frames in use that a helper called
  void* entry = nullptr;             // the engine's own state of the innermost entry into guest code
  std::optional<Fault> pending_fault;
  std::atomic<std::uint32_t> open_records = 0;  // of ring buffers: reserved on this CPU and not committed
  GuestAddress held_lock = 0;        // the bpf_spin_lock that this run holds; 0 for none
  bool is_stopped = false;           // the run is over: compiled code looks here after each helper call
  std::int32_t frames_left = 0;      // how many more frames compiled code may enter

 private:
  Machine& machine_;
  std::uint32_t id_;
  GuestAddress stack_top_;
  Context* context_ = nullptr;
  Outcome outcome_;
};

}  // namespace skep::vm
