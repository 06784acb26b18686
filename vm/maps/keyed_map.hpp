// What the maps have in common whose keys are any bytes: which key has a slot, in a KeyIndex, and what user space does
// with keys alone. `Base` is Map, or a class of maps below it.
#pragma once

#include <algorithm>
#include <mutex>
#include <utility>

#include "skep/vm/map.hpp"
#include "skep/vm/maps/key_index.hpp"

namespace skep::vm {

template <class Base>
class KeyedMap : public Base {
 protected:
  static constexpr std::uint32_t kNone = KeyIndex::kNone;

  template <class... Rest>
  KeyedMap(Machine& machine, const MapSpec& spec, Rest&&... rest)
      : Base(machine, spec, std::forward<Rest>(rest)...), index_(spec.key_size) {}

  // Takes a key out of the index; locked.
  virtual void drop(std::uint32_t slot) { index_.erase(slot); }

  int sys_erase(Bytes key) override {
    const std::lock_guard locked(this->lock_);
    const auto slot = index_.find(key.data());
    if (slot == kNone) return -kENOENT;
    drop(slot);
    return 0;
  }

  int sys_next_key(std::optional<Bytes> key, MutableBytes next) override {
    const std::lock_guard locked(this->lock_);
    const auto here = key ? index_.find(key->data()) : kNone;
    const auto slot = here == kNone ? index_.first() : index_.next(here);
    if (slot == kNone) return -kENOENT;
    std::ranges::copy(index_.key(slot), next.begin());
    return 0;
  }

  KeyIndex index_;
};

}  // namespace skep::vm
