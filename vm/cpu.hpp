// A virtual CPU: the stack, the context, and what the current run has done so far. Helpers get it as
// their last argument. Used by one thread at a time.
#pragma once

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

// What one run leaves besides its return value.
struct Outcome {
  std::optional<Redirect> redirect;
  std::vector<Event> events;
  std::vector<std::string> printk;  // lines of bpf_trace_printk, without the newline
};

// 33 tail calls in one run (MAX_TAIL_CALL_CNT), 8 frames (MAX_CALL_FRAMES), 512 bytes of stack a frame.
inline constexpr std::uint32_t kMaxTailCalls = 33, kMaxFrames = 8, kMaxFrameSize = 512;

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
  // gave) on this CPU and returns its r0. Nothing if the run is over (fault, no fuel): the helper must
  // then return at once; the call site notices. A bad address is a fault.
  std::optional<std::uint64_t> call(std::uint64_t function, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                                    std::uint64_t a3 = 0, std::uint64_t a4 = 0, std::uint64_t a5 = 0);

  // Ends the run with a fault at the calling instruction. Helpers call it and return any value.
  void fault(FaultKind kind, std::string detail, std::optional<std::uint64_t> address = {});
  bool stopped() const { return stopped_; }

  // Charges fuel for work inside a helper, in proportion to it (about one per 8 bytes or element).
  void charge(std::uint64_t work) { fuel_used_by_helpers_ += work; }

  // --- For engines. ---
  Program* program = nullptr;        // what runs now; changed by tail calls
  Executable* executable = nullptr;
  std::uint64_t instructions = 0;    // executed in this run, exact when the run is over
  std::uint64_t fuel = UINT64_MAX;   // the run ends with out_of_fuel when instructions + helpers' work reach it
  std::uint32_t tail_calls = 0;
  std::uint32_t frames = 0;          // frames in use, callbacks included
  GuestAddress frame_top = 0;        // r10 for the next callback's frame
  std::uint32_t helper_slot = 0;     // slot of the helper call in progress, for fault()
  std::optional<Fault> pending_fault;
  bool stopped_ = false;
  std::uint64_t fuel_used_by_helpers_ = 0;
  Context* context_ = nullptr;

 private:
  Machine& machine_;
  std::uint32_t id_;
  GuestAddress stack_top_;
  Outcome outcome_;
};

}  // namespace skep::vm
