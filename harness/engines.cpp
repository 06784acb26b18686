#include "skep/harness/engines.hpp"

namespace skep::harness {

Result<const vm::Engine*> find_engine(std::string_view name) {
  if (name == vm::interpreter().name()) return &vm::interpreter();
  return fail(Errc::invalid, "there is no engine \"{}\"; there is {}", name, vm::interpreter().name());
}

}  // namespace skep::harness
