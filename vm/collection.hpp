// An object brought to life in a machine: all its maps, filled as the object and the user say, and its
// programs, linked and loaded when they are asked for (a program that nobody runs cannot fail the rest).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "skep/spec/collection.hpp"
#include "skep/spec/resolve.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {

// The kernel whose maps and helpers are emulated, as far as an object can ask for it by itself: Linux 6.18 on x86-64.
// It has no types (CO-RE is left as compiled), no configuration and no symbols until somebody adds them.
Target emulated_kernel();

class Collection {
 public:
  // Gives .kconfig its values, creates every map of `spec` (autocreate) in `machine`, copies data sections in, freezes
  // .rodata and .kconfig, and puts the programs that the object declares into its prog arrays, as far as they can be
  // loaded. Errors name the map or the extern; a map of a type that is not emulated is one only for the programs that
  // refer to it. The machine must outlive the collection.
  static Result<Collection> create(Machine& machine, CollectionSpec spec, Target target = emulated_kernel());

  const CollectionSpec& spec() const { return *spec_; }
  Machine& machine() const { return *machine_; }
  // Why the map `name` could not be made; null if it was.
  const Error* missing_map(std::string_view name) const;

  // The program `name`, linked, resolved against the target and loaded on first use. That a prog array which it reaches
  // could not be filled is an error. A function of .text is a program too. A weak extern is 0 without a value; a strong
  // .kconfig one must have been set or be known to the target (libbpf: -ESRCH). Errors: not_found (lists what there is),
  // rejected, not_supported; the chain names program and cause.
  Result<Program*> program(std::string_view name);

 private:
  Collection(Machine& machine, CollectionSpec spec, Target target)
      : spec_(std::make_shared<const CollectionSpec>(std::move(spec))), machine_(&machine),
        resolver_(std::make_shared<const spec::Resolver>(*spec_, std::move(target))) {}

  struct Loaded {
    Program* program = nullptr;
    std::set<std::string> arrays;  // the prog arrays that its code refers to
  };
  Result<const Loaded*> load(std::string_view name);
  Result<> check_maps(const Code& code) const;
  Result<> check_externs(const std::vector<spec::Unresolved>& unresolved) const;
  Result<> check_license(const Code& code) const;
  void fill_arrays();
  Result<> check_arrays(const Loaded& from, std::set<std::string>& seen) const;

  std::shared_ptr<const CollectionSpec> spec_;
  Machine* machine_ = nullptr;
  std::shared_ptr<const spec::Resolver> resolver_;
  std::map<std::string, Loaded, std::less<>> programs_;
  std::map<std::string, Error, std::less<>> missing_maps_;  // why they could not be made
  std::map<std::string, Error, std::less<>> broken_arrays_;  // why they do not hold what the object says
};

}  // namespace skep::vm
