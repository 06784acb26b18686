// How many slots programs have once they are linked, without linking them: a few functions of a small object can be called
// by very many programs.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "skep/spec/collection.hpp"

namespace skep::spec {

// The collection must outlive it.
class LinkedSizes {
 public:
  explicit LinkedSizes(const CollectionSpec& collection);
  // Errors as link.
  Result<std::uint64_t> of(const ProgramSpec& entry);

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<std::uint32_t> callees_of(const ProgramSpec& function) const;

  const CollectionSpec* collection_;
  std::unordered_map<std::string_view, std::uint32_t> by_name_;  // subprograms
  std::vector<std::vector<std::uint32_t>> callees_;
  std::vector<std::uint32_t> seen_;  // the round in which each subprogram was counted
  std::uint32_t round_ = 0;
};

}  // namespace skep::spec
