// Strings of a BTF that is being built: each once, found by content. Those of a base are found too, but not
// repeated. Internal to btf/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "skep/btf/btf.hpp"

namespace skep::btf::detail {

class StringTable {
 public:
  StringTable();
  // Goes on from the strings of `base`, which are indexed here.
  explicit StringTable(const Btf& base);

  // Offset of a string, which is added when it is new. Errors: invalid (a NUL inside, more bytes than BTF
  // can number).
  Result<std::uint32_t> add(std::string_view text);
  std::string_view at(std::uint32_t offset) const;
  // One past the last offset.
  std::uint64_t end() const { return first_ + std::uint64_t{own_.size()}; }
  // What goes into the string section.
  std::string_view own() const { return own_; }

 private:
  // The slot that holds `text`, or the free one where it belongs.
  std::size_t slot_of(std::string_view text) const;
  void insert(std::string_view text, std::uint32_t offset);
  void grow();

  Btf base_;
  std::uint32_t first_ = 0;  // offset of own_
  std::string own_;
  std::vector<std::uint32_t> slots_;  // open addressing: offsets, 0 is free
  std::size_t used_ = 0;
};

}  // namespace skep::btf::detail
