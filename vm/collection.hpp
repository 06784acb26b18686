// An object brought to life in a machine: all its maps, filled as the object and the user say, and its
// programs, linked and loaded when they are asked for (a program that nobody runs cannot fail the rest).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "skep/spec/collection.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {

class Collection {
 public:
  // Creates every map of `spec` (autocreate) in `machine`, copies data sections in, freezes .rodata. Errors
  // name the map. The machine must outlive the collection.
  static Result<Collection> create(Machine& machine, CollectionSpec spec);

  const CollectionSpec& spec() const { return *spec_; }
  Machine& machine() const { return *machine_; }

  // The program `name`, linked and loaded on first use, together with the programs that prog arrays
  // reach from it. Errors: not_found (lists what there is), rejected, not_supported; the chain names program and cause.
  Result<Program*> program(std::string_view name);

 private:
  std::shared_ptr<const CollectionSpec> spec_;
  Machine* machine_ = nullptr;
  std::map<std::string, Program*, std::less<>> programs_;
  bool slots_filled_ = false;
};

}  // namespace skep::vm
