// Fields and types that have another form in the target: the same bytes as libbpf's, or where libbpf refuses, the
// compiler's.
#include <gtest/gtest.h>

#include "skep/spec/link.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/libbpf_relocated.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/temporary_file.hpp"

namespace skep {
namespace {

using test::BtfBuilder;

constexpr const char* kObject = "spec/core/forms.bpf";

// What is plain in the program is a bitfield and the reverse; the declared enumeration has a body.
btf::Btf other_forms() {
  BtfBuilder b;
  const auto number = b.integer("int", 4, BtfBuilder::kSigned);
  const auto plain = b.integer("unsigned int", 4);
  b.structure("form_plain", 8, {{"pad", plain, 0, 24}, {"proto", plain, 24, 8}, {"level", number, 40, 11}}, true);
  b.structure("form_bits", 12, {{"pad", plain, 0}, {"level", number, 32}, {"proto", plain, 64}});
  const auto full = b.enumeration("form_declared", 4, false, {{"A", 0}});
  b.structure("form_holder", 24, {{"z", number, 0}, {"a", number, 32}, {"e", b.ptr(full), 64}});
  b.enumeration("form_large", 4, false, {{"FORM_LARGE", 7}});
  b.enumeration("form_negative", 4, false, {{"FORM_NEGATIVE", -4}});  // a kernel that tells no signs
  const auto btf = b.parse();
  EXPECT_OK(btf);
  return *btf;
}

Code resolved(const CollectionSpec& spec, std::string_view program, const btf::Btf& types) {
  const auto linked = spec::link(spec, program);
  EXPECT_OK(linked);
  if (!linked) return {};
  const Target target{btf::CoreTargets({{"target", types}})};
  const auto done = spec::resolve_core(*linked, spec.types, spec.byte_order, target);
  EXPECT_OK(done) << program;
  return done ? done->program.code : Code();
}

bool is_poison(const Instruction& insn) { return insn.op == Op::call_helper && insn.imm == spec::kCorePoison; }

TEST(CoreForms, SameBytesAsLibbpf) {
  const auto spec = test::load_fixture(kObject);
  const bool may_compare = test::Libbpf::get() && test::may_load();
  for (const auto& types : {other_forms(), spec.types}) {
    const test::TemporaryFile file(".btf", types.raw());
    for (const auto& program : spec.programs) {
      SCOPED_TRACE(program.name);
      const auto ours = resolved(spec, program.name, types);
      if (!may_compare || program.name == "large") continue;  // libbpf takes its number for signed
      const auto theirs = test::libbpf_relocated(test::fixture(kObject), program.name, file.path());
      ASSERT_FALSE(theirs.empty());
      test::expect_equal(ours, theirs);
    }
  }
  if (!may_compare) GTEST_SKIP() << "no libbpf.so.1, or bpf(2) is not permitted: nothing was compared";
}

TEST(CoreForms, AccessesOfAnotherFormArePoisoned) {
  const auto spec = test::load_fixture(kObject);
  const auto types = other_forms();
  for (const auto* program : {"load_plain", "load_bits", "store_plain"})
    EXPECT_TRUE(std::ranges::any_of(resolved(spec, program, types).insns, is_poison)) << program;
  for (const auto* program : {"ask_plain", "ask_bits", "declared", "large", "negative"})
    EXPECT_FALSE(std::ranges::any_of(resolved(spec, program, types).insns, is_poison)) << program;
}

TEST(CoreForms, TheProgramsOwnTypesChangeNothing) {
  const auto spec = test::load_fixture(kObject);
  for (const auto& program : spec.programs) {
    if (program.name.starts_with("ask_bits")) continue;  // clang reads another unit than libbpf and we
    const auto linked = spec::link(spec, program);
    ASSERT_OK(linked);
    EXPECT_EQ(encode(resolved(spec, program.name, spec.types).insns), encode(linked->code.insns)) << program.name;
  }
}

}  // namespace
}  // namespace skep
