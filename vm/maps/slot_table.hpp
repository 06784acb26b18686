// Host-side slots by index, for maps whose entries are not bytes: grown page by page, so that a map of four thousand
// million entries costs what is used of it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace skep::vm {

// T is empty when value-initialised.
template <class T>
class SlotTable {
 public:
  T get(std::uint32_t index) const {
    const std::size_t page = index / kPage;
    return page < pages_.size() && pages_[page] ? (*pages_[page])[index % kPage] : T{};
  }
  void set(std::uint32_t index, T value) {
    const std::size_t page = index / kPage;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (!pages_[page]) pages_[page] = std::make_unique<Page>();
    (*pages_[page])[index % kPage] = value;
  }

 private:
  static constexpr std::size_t kPage = 1024;
  using Page = std::array<T, kPage>;
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace skep::vm
