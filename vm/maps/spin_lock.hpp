// The small lock of a map. It is held for one operation on the index, never while guest code runs, so that it
// needs no way out when a run is stopped.
#pragma once

#include <atomic>
#include <thread>

namespace skep::vm {

// Lockable, for std::lock_guard.
class SpinLock {
 public:
  void lock() {
    for (int spins = 0; taken_.exchange(true, std::memory_order_acquire); ++spins)
      while (taken_.load(std::memory_order_relaxed))
        if (spins++ > 1000) std::this_thread::yield();
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_ = false;
};

}  // namespace skep::vm
