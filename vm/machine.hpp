// The emulated kernel: guest memory, virtual CPUs, clock, random seed, maps, programs. All of it starts
// from declared values, so that a run is a function of its inputs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "skep/vm/cpu.hpp"
#include "skep/vm/helper.hpp"
#include "skep/vm/helpers/locks.hpp"
#include "skep/vm/map.hpp"
#include "skep/vm/memory.hpp"
#include "skep/vm/program.hpp"

namespace skep::vm {

// Who runs: what bpf_get_current_pid_tgid and its relatives answer.
struct Task {
  std::uint32_t pid = 0, tgid = 0;  // thread and process, in the kernel's words
  std::uint32_t uid = 0, gid = 0;
  std::uint64_t cgroup_id = 1;      // the root cgroup
  std::string comm = "skep";        // at most 15 bytes are seen
};

struct MachineOptions {
  std::uint32_t cpus = 1;              // 1..64
  std::uint64_t seed = 0;              // of bpf_get_prandom_u32
  std::uint64_t clock = 0;             // ns since boot at the start
  std::uint64_t clock_step = 0;        // ns by which each reading of the clock advances it
  Task task{};
};

// Between two map handles, so that a handle with an offset is not another map's.
inline constexpr GuestAddress kHandleStride = 64;

class Machine {
 public:
  // Errors: os (memory reservation, fault handler), invalid (options).
  static Result<std::unique_ptr<Machine>> create(const MachineOptions& options = {});
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  Memory& memory() { return memory_; }
  const MachineOptions& options() const { return options_; }
  HelperTable& helpers() { return helpers_; }

  // Virtual CPU `id` < options().cpus.
  Cpu& cpu(std::uint32_t id = 0) { return *cpus_[id]; }
  std::uint32_t cpu_count() const { return static_cast<std::uint32_t>(cpus_.size()); }

  // Makes a map; its name must be new. Owned by the machine. `types` and errors as in Map::create.
  Result<Map*> create_map(const MapSpec& spec, const btf::Btf& types = {});
  Map* map(std::string_view name) const;
  // The map that a guest pointer means; null if it is none's handle.
  Map* map_at(std::uint64_t handle) const {
    const std::uint64_t distance = handle - kHandlesBase;
    const std::uint64_t index = distance / kHandleStride;
    return distance % kHandleStride == 0 && index < maps_.size() ? maps_[index].get() : nullptr;
  }
  const std::vector<std::unique_ptr<Map>>& maps() const { return maps_; }

  // Loads a linked program. Owned by the machine. Errors as Program::load.
  Result<Program*> load(const ProgramSpec& linked);
  const std::vector<std::unique_ptr<Program>>& programs() const { return programs_; }
  // The program and slot that a code address means; null if none.
  Program* program_at(std::uint64_t address, std::uint32_t& slot) const;

  // The bpf_spin_locks that CPUs hold.
  GuestLocks& locks() { return locks_; }

  // The virtual clock, ns since boot. Reading by a helper advances it by options().clock_step.
  std::uint64_t clock() const { return clock_; }
  void set_clock(std::uint64_t ns) { clock_ = ns; }
  std::uint64_t read_clock() { return std::exchange(clock_, clock_ + options_.clock_step); }
  // The next number of the seeded generator (all CPUs share it).
  std::uint32_t random();

 private:
  Machine(const MachineOptions& options, Memory memory);
  friend class Program;

  MachineOptions options_;
  Memory memory_;
  HelperTable helpers_;
  GuestLocks locks_;
  std::vector<std::unique_ptr<Cpu>> cpus_;
  std::vector<std::unique_ptr<Map>> maps_;
  std::vector<std::unique_ptr<Program>> programs_;
  GuestAddress next_code_ = kCodeBase;
  std::uint64_t clock_ = 0;
  std::uint64_t random_state_ = 0;
};

}  // namespace skep::vm
