#include "skep/harness/engines.hpp"

#include "skep/jit/engine.hpp"

namespace skep::harness {

Result<const vm::Engine*> find_engine(std::string_view name) {
  for (const auto* engine : {&vm::interpreter(), &jit::engine()})
    if (name == engine->name()) return engine;
  return fail(Errc::invalid, "there is no engine \"{}\"; there are {} and {}", name, vm::interpreter().name(),
              jit::engine().name());
}

DefaultEngine default_engine() {
  const auto available = jit::available();
  if (available) return {&jit::engine(), {}};
  return {&vm::interpreter(), available.error().what()};
}

}  // namespace skep::harness
