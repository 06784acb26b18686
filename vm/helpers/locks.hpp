// Which bpf_spin_locks are held, by runs and by user space (BPF_F_LOCK). The word in guest memory stays 0 (as user
// space sees it in the kernel): guest bytes are never trusted. An engine gives back what a run holds when it ends.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_set>

#include "skep/vm/memory.hpp"

namespace skep::vm {

class Cpu;

// Thread-safe.
class GuestLocks {
 public:
  // False if it is held.
  bool try_take(GuestAddress lock) {
    const std::lock_guard guard(mutex_);
    return held_.insert(lock).second;
  }
  void release(GuestAddress lock) {
    const std::lock_guard guard(mutex_);
    held_.erase(lock);
  }

 private:
  std::mutex mutex_;
  std::unordered_set<GuestAddress> held_;
};

// Takes a lock for the run on `cpu`, which waits and burns fuel. False after a fault of the helper `name`
// (bad_argument: the run holds a lock already; or out_of_fuel).
bool take_lock(Cpu& cpu, std::string_view name, std::uint64_t address);
// Gives back the lock that the run on `cpu` holds, if it holds one.
void release_lock(Cpu& cpu);

}  // namespace skep::vm
