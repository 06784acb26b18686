#include "skep/jit/engine.hpp"

#include "skep/jit/executable.hpp"
#include "skep/jit/segment.hpp"

namespace skep::jit {
namespace {

class Jit final : public vm::Engine {
 public:
  explicit Jit(const Variant& variant)
      : options_{.segment = variant.segment && segment_available(),
                 .bmi2 = variant.bmi2 && asmjit::CpuInfo::host().features().x86().hasBMI2(),
                 .counting = variant.counting} {}
  std::string_view name() const override { return "jit"; }
  Result<std::unique_ptr<vm::Executable>> prepare(vm::Program& program) const override {
    return SKEP_TRY(Executable::make(program, *this, options_));
  }

 private:
  CompileOptions options_;
};

}  // namespace

const vm::Engine& engine(const Variant& variant) {
  static const Jit all[] = {Jit({false, false, false}), Jit({false, false, true}), Jit({false, true, false}),
                            Jit({false, true, true}),   Jit({true, false, false}), Jit({true, false, true}),
                            Jit({true, true, false}),   Jit({true, true, true})};
  return all[variant.segment * 4 + variant.bmi2 * 2 + variant.counting];
}

const vm::Engine& engine() { return engine({}); }

Result<> available() {
  SKEP_TRY(CodeMemory::get());
  return {};
}

}  // namespace skep::jit
