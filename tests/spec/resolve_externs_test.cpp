// Externs against declared targets, and against the running kernel with libbpf 1.1 beside it.
#include "skep/asm/codec.hpp"
#include "skep/btf/build.hpp"
#include "skep/spec/link.hpp"
#include "skep/spec/resolve.hpp"
#include "skep/tests/support/libbpf_relocated.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/running_kernel.hpp"

namespace skep {
namespace {

using Kind = ExternSpec::Kind;
using spec::Unresolved;

struct Case {
  CollectionSpec spec;
  Target target;
  spec::Resolved resolved;

  Case(std::string_view object, std::string_view program, Target on) : target(std::move(on)) {
    spec = test::load_fixture("spec/" + std::string(object) + ".bpf");
    EXPECT_OK(spec::resolve_kconfig(spec, target));
    auto linked = spec::link(spec, program);
    EXPECT_OK(linked);
    auto done = spec::Resolver(spec, target).resolve(std::move(*linked));
    EXPECT_OK(done);
    resolved = std::move(*done);
  }
  const Code& code() const { return resolved.program.code; }
  // The first instruction of one of these forms.
  Instruction first(Op a, Op b) const {
    for (const auto& insn : code().insns)
      if (insn.op == a || insn.op == b) return insn;
    ADD_FAILURE() << "no such instruction";
    return {};
  }
  Instruction wide() const { return first(Op::ld_imm64, Op::ld_btf_id); }
  std::vector<std::string> open() const {
    std::vector<std::string> all;
    for (const auto& one : resolved.unresolved)
      all.push_back(fmt::format("{} {}: {}", to_string(one.kind), one.symbol, one.reason));
    return all;
  }
};

// ids: 1 int, 2 struct task_struct, 3 struct rq, 4 ptr task, 5 proto task *(task *), 6 proto void (task *), then names.
btf::Btf kernel_types() {
  btf::Builder builder;
  const auto add = [&](const btf::Type& type) {
    const auto id = builder.add(type);
    EXPECT_OK(id);
    return *id;
  };
  const auto number = add(btf::Int{.name = "int", .size = 4, .bits = 32, .is_signed = true});
  const auto task = add(btf::Composite{.name = "task_struct", .size = 4, .members = {{"pid", number, 0, 0}}});
  const auto queue = add(btf::Composite{.name = "rq", .size = 4, .members = {{"cpu", number, 0, 0}}});
  const auto pointer = add(btf::Ptr{.type = task});
  const auto acquire = add(btf::FuncProto{.result = pointer, .params = {{"p", pointer}}});
  const auto release = add(btf::FuncProto{.result = btf::TypeId::none, .params = {{"p", pointer}}});
  add(btf::Func{.name = "bpf_task_acquire", .proto = acquire, .linkage = btf::Linkage::static_});
  add(btf::Func{.name = "bpf_task_release", .proto = release, .linkage = btf::Linkage::static_});
  add(btf::Func{.name = "bpf_cgroup_acquire", .proto = acquire, .linkage = btf::Linkage::static_});
  add(btf::Var{.name = "bpf_prog_active", .type = number, .linkage = btf::Linkage::global});
  add(btf::Var{.name = "runqueues", .type = queue, .linkage = btf::Linkage::global});
  const auto built = builder.build();
  EXPECT_OK(built);
  return *built;
}

constexpr const char* kSymbols =
    "ffffffff81000000 T _stext\n"
    "ffffffff81000100 t init_once\n"
    "ffffffff81000200 T bpf_prog_put\n"
    "ffffffff81000300 t init_once\n"
    "ffffffffc0000000 t in_module\t[ext4]\n";

Target kernel() {
  Target target;
  target.types = btf::CoreTargets({{"vmlinux", kernel_types()}});
  auto symbols = KernelSymbols::parse(kSymbols);
  EXPECT_OK(symbols);
  target.symbols = *symbols;
  target.kconfig = {{"CONFIG_BPF", "y"}};
  target.kernel_version = 0x61200;
  return target;
}

btf::TypeId id_of(std::string_view name) { return *kernel_types().find(name); }

TEST(ResolveExterns, SymbolsWithoutATypeAreAddresses) {
  const Case one("externs", "typeless", kernel());
  EXPECT_EQ(one.wide().op, Op::ld_imm64);
  EXPECT_EQ(one.wide().imm, static_cast<std::int64_t>(0xffffffff81000200));
  EXPECT_TRUE(one.open().empty());
  EXPECT_TRUE(one.code().references.empty());
}

TEST(ResolveExterns, VariablesAreBtfIds) {
  const Case one("externs", "typed", kernel());
  std::vector<std::int64_t> ids;
  for (const auto& insn : one.code().insns)
    if (insn.op == Op::ld_btf_id) ids.push_back(insn.imm);
  std::ranges::sort(ids);
  EXPECT_EQ(ids, (std::vector<std::int64_t>{number(id_of("bpf_prog_active")), number(id_of("runqueues"))}));
  EXPECT_EQ(one.code().references.size(), 2u) << "names stay: only a kernel knows what an id means";
}

TEST(ResolveExterns, FunctionsAreBtfIds) {
  const Case one("externs", "function", kernel());
  std::vector<Instruction> calls;
  for (const auto& insn : one.code().insns)
    if (insn.op == Op::call_kfunc) calls.push_back(insn);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].imm, number(id_of("bpf_task_acquire")));
  EXPECT_EQ(calls[1].imm, number(id_of("bpf_task_release")));
  EXPECT_EQ(calls[0].off, 0);
  EXPECT_TRUE(one.open().empty());
}

TEST(ResolveExterns, MissingWeakOnesAreZeroAndCallsOfThemPoison) {
  for (const auto* program : {"typeless_weak", "typed_weak"}) {
    const Case one("externs", program, kernel());
    EXPECT_EQ(one.wide().op, Op::ld_imm64);
    EXPECT_EQ(one.wide().imm, 0);
    EXPECT_TRUE(one.code().references.empty());
    EXPECT_TRUE(one.open().empty());
  }
  const Case one("externs", "function_weak", kernel());
  EXPECT_EQ(one.wide().imm, 0);
  // Among libbpf's externs: two of .kconfig, then by name bpf_prog_active, bpf_prog_put, bpf_task_acquire,
  // bpf_task_release, no_such_function.
  EXPECT_EQ(one.first(Op::call_helper, Op::call_helper).imm, spec::kKfuncPoison + 6);
  EXPECT_TRUE(one.open().empty());
}

TEST(ResolveExterns, PrototypesDecideBetweenFlavours) {
  const Case one("flavoured_externs", "flavours", kernel());
  EXPECT_TRUE(one.open().empty());
  EXPECT_EQ(one.first(Op::call_kfunc, Op::call_kfunc).imm, number(id_of("bpf_task_release")));
  EXPECT_GE(one.first(Op::call_helper, Op::call_helper).imm, spec::kKfuncPoison);
}

TEST(ResolveExterns, ModulesAreNumberedAsTheyAreNeeded) {
  auto target = kernel();
  // The kernel has nothing, the first module what nobody asks for.
  target.types = btf::CoreTargets({{"vmlinux", {}}, {"first", {}}, {"second", kernel_types()}});
  const Case one("externs", "function", target);
  const auto call = one.first(Op::call_kfunc, Op::call_kfunc);
  EXPECT_EQ(call.imm, number(id_of("bpf_task_acquire")));
  EXPECT_EQ(call.off, 1);
  const auto externs = spec::find_externs(one.spec, target);
  EXPECT_EQ(externs.modules, std::vector<std::uint32_t>{2});
  EXPECT_EQ(externs.by_name.find("bpf_task_acquire")->second.set, 2u);
}

TEST(ResolveExterns, WhatCannotBeFoundIsTold) {
  const struct {
    const char *program, *open;
  } cases[] = {
      {"missing_symbol", "ksym no_such_symbol: the kernel has no symbol of that name"},
      {"ambiguous", "ksym init_once: ambiguous: the kernel has it at 0xffffffff81000100 and at 0xffffffff81000300"},
      {"missing_function", "kfunc no_such_function: the kernel has no function \"no_such_function\""},
      {"missing_option", "kconfig CONFIG_NO_SUCH_OPTION: the kernel's configuration has no such option"},
      {"no_option", "kconfig NEITHER_NOR: neither CONFIG_ nor LINUX_: no kernel configuration"},
  };
  for (const auto& one : cases)
    EXPECT_EQ(Case("bad_externs", one.program, kernel()).open(), std::vector<std::string>{one.open}) << one.program;
  for (const auto* program : {"other_variable", "other_function"}) {
    const auto open = Case("bad_externs", program, kernel()).open();
    ASSERT_EQ(open.size(), 1u);
    EXPECT_NE(open[0].find("of vmlinux is no type"), std::string::npos) << open[0];
  }
}

// What the target does not tell is not missing: a weak name may well be there.
TEST(ResolveExterns, NothingIsGuessedOfATargetThatDoesNotTell) {
  for (const auto* program : {"typeless_weak", "typed_weak", "function_address"}) {
    const Case one("externs", program, {});
    EXPECT_EQ(one.open().size(), 1u) << program;
  }
  Target complete;
  complete.is_complete = true;
  for (const auto* program : {"typeless_weak", "typed_weak", "function_address"}) {
    const Case one("externs", program, complete);
    EXPECT_TRUE(one.open().empty()) << program;
  }
}

TEST(ResolveKconfig, OptionsAndVirtualOnes) {
  const Case one("externs", "configuration", kernel());
  EXPECT_TRUE(one.open().empty());
  EXPECT_EQ(to_hex(*one.spec.get_variable("CONFIG_BPF")), "01");
  EXPECT_EQ(to_hex(*one.spec.get_variable("LINUX_KERNEL_VERSION")), "00120600");
  EXPECT_EQ(Case("externs", "configuration", {}).open().size(), 2u);
}

TEST(ResolveKconfig, WhatSomebodyHasSetStays) {
  auto spec = test::load_fixture("spec/externs.bpf");
  ASSERT_OK(spec.set_variable("CONFIG_BPF", std::vector<std::byte>{std::byte{0}}));
  ASSERT_OK(spec::resolve_kconfig(spec, kernel()));
  EXPECT_EQ(to_hex(*spec.get_variable("CONFIG_BPF")), "00");
}

TEST(ResolveKconfig, AValueOfAnotherTypeIsAnError) {
  auto spec = test::load_fixture("spec/externs.bpf");
  auto target = kernel();
  target.kconfig["CONFIG_BPF"] = "12";
  const auto resolved = spec::resolve_kconfig(spec, target);
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().code(), Errc::rejected);
  EXPECT_EQ(test::message(resolved).find("CONFIG_BPF=12: "), 0u) << test::message(resolved);
}

TEST(ResolveExternsOracle, TheRunningKernelGivesLibbpfTheSameInstructions) {
  if (!test::Libbpf::get()) GTEST_SKIP() << "libbpf.so.1 is not installed";
  if (!test::may_load()) GTEST_SKIP() << "bpf(2) is not permitted, and libbpf relocates nothing without it";
  const auto target = test::running_kernel();
  if (!target) GTEST_SKIP() << "this kernel does not tell about itself: " << target.error().what();
  for (const auto* program :
       {"typeless", "typeless_weak", "typed", "typed_weak", "function", "function_address", "configuration"}) {
    SCOPED_TRACE(program);
    const auto theirs = test::libbpf_relocated(test::fixture("spec/externs.bpf"), program, "");
    const Case ours("externs", program, *target);
    EXPECT_TRUE(ours.open().empty());
    ASSERT_FALSE(theirs.empty());
    test::expect_equal(ours.code(), theirs);
  }
}

// libbpf refuses the whole object for any one of its externs; here each program has its own.
TEST(ResolveExternsOracle, TheRunningKernelLacksTheSameNames) {
  const auto target = test::running_kernel();
  if (!target) GTEST_SKIP() << "this kernel does not tell about itself: " << target.error().what();
  for (const auto& program : test::load_fixture("spec/bad_externs.bpf").programs)
    EXPECT_EQ(Case("bad_externs", program.name, *target).open().size(), 1u) << program.name;
}

// What a program does not name costs it nothing.
TEST(ResolveExterns, ManyExternsAndManyPrograms) {
  CollectionSpec collection;
  for (int i = 0; i < 50'000; ++i) {
    const auto name = fmt::format("CONFIG_{:05}", i);
    collection.externs.push_back({.name = name, .kind = ExternSpec::Kind::kconfig});
    collection.variables.push_back({.name = name, .section = ".kconfig"});
  }
  Target target;
  target.kconfig.emplace("CONFIG_ELSE", "y");
  ASSERT_OK(spec::resolve_kconfig(collection, target));
  const spec::Resolver resolver(collection, target);
  ProgramSpec program;
  program.code.insns = {{.op = Op::ld_map_value, .dst = Reg::r1}, {.op = Op::wide_tail}};
  program.code.references = {{.slot = 0, .kind = Reference::Kind::variable, .symbol = "CONFIG_40000"}};
  for (int i = 0; i < 1'000; ++i) {
    const auto resolved = resolver.resolve(program);
    ASSERT_OK(resolved);
    ASSERT_EQ(resolved->unresolved.size(), 1u);
    EXPECT_EQ(resolved->unresolved[0].symbol, "CONFIG_40000");
  }
}

}  // namespace
}  // namespace skep
