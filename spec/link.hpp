// Joins what a program calls to it: each function reached through call_local or ld_func is appended once, in
// the order in which a depth-first walk in instruction order finds it (as libbpf does), and calls get their
// distances.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "skep/spec/collection.hpp"

namespace skep::spec {

// The program `name` with its subprograms: self-contained code in which function references are bound
// (references to functions stay listed, their immediates hold the distance). Pure: the collection is
// not changed. `name` may also be a subprogram (a function of .text), which is then linked as an entry
// of its own. Errors: not_found (the program, or a function that it calls: names both), rejected (the
// program has a problem).
Result<ProgramSpec> link(const CollectionSpec& collection, std::string_view name);

// The same for a program or subprogram of the collection that the caller has at hand. Errors do not name it.
Result<ProgramSpec> link(const CollectionSpec& collection, const ProgramSpec& entry);

// How many slots programs of a collection have once they are linked, without linking them: a few functions can be
// called by very many programs. The collection must outlive it.
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
