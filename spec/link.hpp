// Joins what a program calls to it: each function reached through call_local or ld_func is appended once, in
// the order in which a depth-first walk in instruction order finds it (as libbpf does), and calls get their
// distances.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

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

// For many programs of a collection, which must outlive it: functions are looked for in an index that is made once.
class Linker {
 public:
  explicit Linker(const CollectionSpec& collection);
  Result<ProgramSpec> link(const ProgramSpec& entry) const;

 private:
  const CollectionSpec& collection_;
  std::unordered_map<std::string_view, const ProgramSpec*> by_name_;
};

// The function that the program throws to, if one decl tag names it ("exception_callback:NAME"). Two of them: the
// verifier says so, and libbpf appends neither.
std::optional<std::string> exception_callback(const CollectionSpec& collection, const ProgramSpec& entry);

}  // namespace skep::spec
