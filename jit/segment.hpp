// The gs segment: its base is the guest memory of the machine that this thread runs. Setting it costs some nanoseconds, so
// it stays set until another machine's code runs.
#pragma once

#include <cstddef>

namespace skep::jit {

// Whether programs may set the base of gs (FSGSBASE, and a kernel that allows it).
bool segment_available();

// For the time of one entry; the outer entry's base is back afterwards (a helper can run another machine).
class SegmentScope {
 public:
  // Null: gs is not needed.
  explicit SegmentScope(std::byte* base) : wanted_(base) {
    if (base == nullptr) return;
    outer_ = current();
    if (outer_ != base) set(base);
  }
  ~SegmentScope() {
    if (wanted_ != nullptr && outer_ != nullptr && outer_ != current()) set(outer_);
  }
  SegmentScope(const SegmentScope&) = delete;
  SegmentScope& operator=(const SegmentScope&) = delete;

 private:
  static std::byte*& current() {
    static thread_local std::byte* base = nullptr;
    return base;
  }
  static void set(std::byte* base) {
    __asm__ volatile("wrgsbase %0" : : "r"(base) : "memory");
    current() = base;
  }

  std::byte* wanted_;
  std::byte* outer_ = nullptr;
};

}  // namespace skep::jit
