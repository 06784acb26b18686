// Which bpf_spin_locks are held. The word in guest memory stays 0 (as user space sees it in the kernel):
// guest bytes are never trusted.
#pragma once

#include <mutex>
#include <unordered_set>

#include "skep/vm/memory.hpp"

namespace skep::vm {

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

}  // namespace skep::vm
