// CO-RE from object to run: relocated against a target, executed by the interpreter over memory that is laid out as
// the target says.
#include "skep/spec/resolve.hpp"

#include <algorithm>
#include <random>

#include <nlohmann/json.hpp>

#include "skep/harness/value_json.hpp"
#include "skep/spec/link.hpp"
#include "skep/spec/reach.hpp"
#include "skep/tests/spec/core_cases.hpp"
#include "skep/tests/support/engine.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/vm/collection.hpp"

namespace skep {
namespace {

using harness::Json;
using test::CoreCase;
using test::CoreEnd;

Target target_of(std::vector<btf::NamedBtf> sets) { return {btf::CoreTargets(std::move(sets))}; }

// `json` as the memory that a pointer to `type` points to: a value, or an array of them.
std::vector<std::byte> memory(const btf::Btf& types, btf::TypeId type, const std::string& json, std::size_t size) {
  std::vector<std::byte> bytes(size);
  const auto parsed = harness::parse_json(json.empty() ? "{}" : json);
  EXPECT_OK(parsed);
  const auto values = parsed->is_array() ? *parsed : Json::array({*parsed});
  const auto stride = types.size_of(type);
  EXPECT_OK(stride);
  std::size_t at = 0;
  for (const auto& each : values) {
    const auto value = harness::to_value(each);
    EXPECT_OK(value);
    EXPECT_OK(btf::encode_value(types, type, *value, MutableBytes(bytes).subspan(at), types.byte_order()));
    at += *stride;
  }
  return bytes;
}

// Runs a relocated program of `spec` with `input` in its variable `in`, and gives what it left in NAME_out.
struct Run {
  vm::RunResult result;
  Json output;
};
Run run(const CollectionSpec& spec, const ProgramSpec& program, const std::string& in,
        const std::vector<std::byte>& input) {
  auto machine = vm::Machine::create();
  EXPECT_OK(machine);
  auto filled = spec;
  EXPECT_OK(filled.set_variable(in, input));
  auto collection = vm::Collection::create(**machine, filled);
  EXPECT_OK(collection);
  auto loaded = (*machine)->load(program);
  EXPECT_OK(loaded);
  if (!loaded) return {};
  auto executable = (*loaded)->executable(test::engine());
  EXPECT_OK(executable);
  Run done{(*executable)->run((*machine)->cpu(), nullptr, 0, 0, 1'000'000), {}};
  const auto* out = spec.variable(program.name + "_out");
  if (!out) return done;
  const std::byte key[4] = {};
  const auto section = (*machine)->map(out->section)->host_lookup(key);
  EXPECT_OK(section);
  done.output =
      harness::bytes_to_json(spec.types, out->type, Bytes(*section).subspan(out->offset, out->size), ByteOrder::little);
  return done;
}

std::uint32_t id_of(const btf::Btf& types, std::string_view name, btf::Kind kind) {
  return number(types.find(name, kind).value_or(btf::TypeId::none));
}

// What type_id is to find: the ids of both sides.
void expect_ids(const Json& output, const btf::Btf& local, const btf::Btf& target) {
  const struct {
    const char *field, *name;
    btf::Kind kind;
  } kNamed[] = {{"struct", "a_struct", btf::Kind::Struct},
                {"union", "a_union", btf::Kind::Union},
                {"enum", "an_enum", btf::Kind::Enum},
                {"int", "int", btf::Kind::Int},
                {"struct_typedef", "named_struct_typedef", btf::Kind::Typedef},
                {"func_proto_typedef", "func_proto_typedef", btf::Kind::Typedef},
                {"arr_typedef", "arr_typedef", btf::Kind::Typedef}};
  for (const auto& [field, name, kind] : kNamed) {
    EXPECT_EQ(output[std::string("local_") + field], id_of(local, name, kind)) << field;
    EXPECT_EQ(output[std::string("targ_") + field], id_of(target, name, kind)) << field;
  }
  const auto kind = [&](const char* field) { return local.kind(btf::TypeId{output[field].get<std::uint32_t>()}); };
  EXPECT_EQ(kind("local_anon_struct"), btf::Kind::Struct);
  EXPECT_EQ(kind("local_anon_union"), btf::Kind::Union);
  EXPECT_EQ(kind("local_anon_enum"), btf::Kind::Enum);
  EXPECT_EQ(kind("local_anon_func_proto_ptr"), btf::Kind::Ptr);
  EXPECT_EQ(kind("local_anon_void_ptr"), btf::Kind::Ptr);
  EXPECT_EQ(kind("local_anon_arr"), btf::Kind::Array);
}

class CoreCases : public testing::TestWithParam<CoreCase> {};

TEST_P(CoreCases, EndAsTheKernelsTestSays) {
  const auto& one = GetParam();
  const auto spec = test::load_fixture(test::core_object(one) + ".bpf");
  const auto types = test::core_target(one);
  const auto target = target_of({{"target", types}});
  const auto linked = spec::link(spec, one.program);
  ASSERT_OK(linked);
  const auto resolved = spec::resolve_core(*linked, spec.types, spec.byte_order, target);
  if (one.end == CoreEnd::refused) {
    EXPECT_NE(test::message(resolved).find(one.output), std::string::npos) << test::message(resolved);
    return;
  }
  ASSERT_OK(resolved);
  EXPECT_TRUE(resolved->program.core_relocations.empty());
  EXPECT_EQ(resolved->outcomes.size(), linked->core_relocations.size());

  const auto root = types.find(one.roots.front());
  ASSERT_TRUE(root);
  const auto done = run(spec, resolved->program, "in", memory(types, *root, one.input, 512));
  const auto reachable = spec::poisoned_slots(resolved->program.code, spec::Reach::reachable);
  if (one.end == CoreEnd::poisoned) {
    std::string missing;
    for (const auto& outcome : resolved->outcomes)
      if (outcome.poisoned) missing += outcome.missing + '\n';
    EXPECT_NE(missing.find(one.output), std::string::npos) << missing;
    EXPECT_FALSE(reachable.empty());
    ASSERT_TRUE(done.result.fault);
    EXPECT_EQ(to_string(done.result.fault->kind), to_string(vm::FaultKind::invalid_instruction));
    return;
  }
  EXPECT_FALSE(done.result.fault) << to_string(*done.result.fault);
  EXPECT_TRUE(reachable.empty());
  if (one.output == "ids") {
    expect_ids(done.output, spec.types, types);
    return;
  }
  const auto expected = harness::parse_json(one.output);
  ASSERT_OK(expected);
  EXPECT_EQ(nlohmann::json(done.output), nlohmann::json(*expected));
}

std::string name_of(const testing::TestParamInfo<CoreCase>& info) {
  auto name = info.param.name;
  std::replace(name.begin(), name.end(), ':', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Core, CoreCases, testing::ValuesIn(test::core_cases()), name_of);

// --- against the running kernel's types

class CoreKernel : public testing::Test {
 protected:
  void SetUp() override {
    auto vmlinux = btf::Btf::open("/sys/kernel/btf/vmlinux");
    if (!vmlinux) GTEST_SKIP() << "no BTF of the running kernel: " << vmlinux.error().what();
    kernel = *vmlinux;
  }
  btf::Btf kernel;
};

TEST_F(CoreKernel, Kernel) {
  const auto spec = test::load_fixture("spec/core/reads.bpf");
  const auto linked = spec::link(spec, "kernel");
  ASSERT_OK(linked);
  const auto resolved = spec::resolve_core(*linked, spec.types, spec.byte_order, target_of({{"vmlinux", kernel}}));
  ASSERT_OK(resolved);
  // The one access that the kernel has no field for is behind bpf_core_field_exists.
  EXPECT_EQ(spec::poisoned_slots(resolved->program.code, spec::Reach::guarded).size(), 1u);
  EXPECT_TRUE(spec::poisoned_slots(resolved->program.code, spec::Reach::reachable).empty());
  const auto task = kernel.find("task_struct", btf::Kind::Struct);
  ASSERT_TRUE(task);
  const auto input = memory(kernel, *task, R"({"pid":7,"tgid":8,"comm":"skep","parent":4096})", 32768);
  const auto done = run(spec, resolved->program, "task_in", input);
  EXPECT_FALSE(done.result.fault) << to_string(*done.result.fault);
  const auto expected = harness::parse_json(
      R"({"pid":7,"tgid":8,"comm_size":16,"valid":[1,1,1,1,1],"parent":4096,"comm":"skep","guarded":0})");
  ASSERT_OK(expected);
  EXPECT_EQ(nlohmann::json(done.output), nlohmann::json(*expected));
}

// A type that only a module has, in split BTF over the kernel's.
TEST_F(CoreKernel, ModuleProbedAndDirect) {
  test::BtfBuilder builder(kernel);
  const auto u64 = kernel.find("long unsigned int", btf::Kind::Int);
  ASSERT_TRUE(u64);
  const auto type =
      builder.structure("skep_module_read", 24, {{"fill", *u64, 0}, {"len", *u64, 64}, {"off", *u64, 128}});
  const auto module = builder.parse(kernel);
  ASSERT_OK(module);
  const auto spec = test::load_fixture("spec/core/reads.bpf");
  for (const std::string name : {"module_probed", "module_direct"}) {
    SCOPED_TRACE(name);
    const auto linked = spec::link(spec, name);
    ASSERT_OK(linked);
    const auto resolved = spec::resolve_core(*linked, spec.types, spec.byte_order,
                                             target_of({{"vmlinux", kernel}, {"skep_module", *module}}));
    ASSERT_OK(resolved);
    const auto done = run(spec, resolved->program, "in", memory(*module, type, R"({"len":11,"off":22})", 512));
    EXPECT_FALSE(done.result.fault) << to_string(*done.result.fault);
    EXPECT_EQ(done.output.dump(), R"({"len":11,"off":22,"exists":1})");
    // Without the module the type is not there.
    const auto without = spec::resolve_core(*linked, spec.types, spec.byte_order, target_of({{"vmlinux", kernel}}));
    ASSERT_OK(without);
    EXPECT_FALSE(spec::poisoned_slots(without->program.code, spec::Reach::reachable).empty());
  }
}

// --- what holds of all

TEST(ResolveCore, DoesNotDependOnTheOrderOfRecords) {
  std::mt19937 random(1);
  for (const auto& one : test::core_cases()) {
    SCOPED_TRACE(one.name);
    const auto spec = test::load_fixture(test::core_object(one) + ".bpf");
    const auto target = target_of({{"target", test::core_target(one)}});
    const auto linked = spec::link(spec, one.program);
    ASSERT_OK(linked);
    const auto expected = spec::resolve_core(*linked, spec.types, spec.byte_order, target);
    std::vector<btf::CoreQuery> queries;
    for (const auto& each : linked->core_relocations) queries.push_back({each.type, each.access, each.kind});
    const auto fixups = btf::relocate(queries, spec.types, *target.types, spec.byte_order);
    for (int round = 0; round < 3; ++round) {
      std::vector<std::size_t> order(queries.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      std::shuffle(order.begin(), order.end(), random);
      std::vector<btf::CoreQuery> shuffled;
      for (const auto i : order) shuffled.push_back(queries[i]);
      const auto again = btf::relocate(shuffled, spec.types, *target.types, spec.byte_order);
      for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(again[i], fixups[order[i]]);
      auto program = *linked;
      std::shuffle(program.core_relocations.begin(), program.core_relocations.end(), random);
      const auto same = spec::resolve_core(program, spec.types, spec.byte_order, target);
      ASSERT_EQ(same.has_value(), expected.has_value());
      if (same) {
        EXPECT_EQ(same->program.code, expected->program.code);
      } else {
        EXPECT_EQ(same.error(), expected.error());
      }
    }
  }
}

// --- instructions, one at a time

class Patching : public testing::Test {
 protected:
  void SetUp() override {
    test::BtfBuilder ours, theirs;
    const auto integer = ours.integer("unsigned int", 4);
    local_type = ours.structure("s", 8, {{"a", integer, 0}, {"b", integer, 32}});
    local = *ours.parse();
    const auto wide = theirs.integer("long", 8);
    theirs.structure("s", 40000, {{"b", wide, 64}, {"a", wide, 128}});
    target = target_of({{"target", *theirs.parse()}});
  }
  Result<spec::CoreResolved> patch(std::vector<Instruction> insns, std::string access = "0:1", std::uint32_t kind = 0) {
    ProgramSpec program;
    program.code.insns = std::move(insns);
    program.core_relocations = {{0, local_type, std::move(access), kind}};
    return spec::resolve_core(program, local, ByteOrder::little, target);
  }
  Instruction first(std::vector<Instruction> insns) {
    const auto resolved = patch(std::move(insns));
    EXPECT_OK(resolved);
    return resolved ? resolved->program.code.insns[0] : Instruction{};
  }
  btf::Btf local;
  btf::TypeId local_type{};
  Target target;
};

TEST_F(Patching, GivesLoadsAndStoresAnotherWidth) {
  EXPECT_EQ(first({{.op = Op::ldx32, .dst = r1, .src = r2, .off = 4}}),
            (Instruction{.op = Op::ldx64, .dst = r1, .src = r2, .off = 8}));
  EXPECT_EQ(first({{.op = Op::st32, .dst = r1, .off = 4, .imm = 5}}),
            (Instruction{.op = Op::st64, .dst = r1, .off = 8, .imm = 5}));
  EXPECT_EQ(first({{.op = Op::stx32, .dst = r1, .src = r2, .off = 4}}),
            (Instruction{.op = Op::stx64, .dst = r1, .src = r2, .off = 8}));
  EXPECT_EQ(first({{.op = Op::atomic_fetch_add32, .dst = r1, .src = r2, .off = 4}}),
            (Instruction{.op = Op::atomic_fetch_add64, .dst = r1, .src = r2, .off = 8}));
}

TEST_F(Patching, LeavesWidthsOfArithmeticAlone) {
  EXPECT_EQ(first({{.op = Op::add64_imm, .dst = r1, .imm = 4}}),
            (Instruction{.op = Op::add64_imm, .dst = r1, .imm = 8}));
  EXPECT_EQ(first({{.op = Op::mov32_imm, .dst = r1, .imm = 4}}),
            (Instruction{.op = Op::mov32_imm, .dst = r1, .imm = 8}));
  EXPECT_EQ(first({{.op = Op::ld_imm64, .dst = r1, .imm = 4}, {.op = Op::wide_tail}}),
            (Instruction{.op = Op::ld_imm64, .dst = r1, .imm = 8}));
}

TEST_F(Patching, RefusesWhatTheCompilerDidNotWrite) {
  const auto refused = [&](Instruction insn) { return test::message(patch({insn, {.op = Op::wide_tail}})); };
  const std::string where = "instruction 0: CO-RE relocation byte_off of \"s.b\" (0:1): ";
  EXPECT_EQ(refused({.op = Op::ldx32, .off = 3}), where + "the instruction holds 3, the local types say 4");
  EXPECT_EQ(refused({.op = Op::add64_imm, .imm = 8}), where + "the instruction holds 8, the local types say 4");
  EXPECT_EQ(refused({.op = Op::add64_reg}), where + "add64_reg holds no number to relocate");
  EXPECT_EQ(refused({.op = Op::ld_map_fd, .imm = 4}), where + "ld_map_fd holds no number to relocate");
  EXPECT_EQ(refused({.op = Op::exit}), where + "exit holds no number to relocate");
  EXPECT_EQ(refused({.op = Op::ldx16, .off = 4}), where + "ldx16 accesses 2 bytes of a field of 4");
  EXPECT_EQ(refused({.op = Op::ldxs32, .off = 4}), where + "ldxs32 of 8 bytes is no instruction");
}

TEST_F(Patching, NamesRecordsThatMakeNoSense) {
  const std::vector<Instruction> load{{.op = Op::ldx32, .off = 4}};
  EXPECT_NE(test::message(patch(load, "0:2")).find("has no member 2"), std::string::npos);
  EXPECT_NE(test::message(patch(load, "")).find("is not numbers"), std::string::npos);
  EXPECT_NE(test::message(patch(load, "0:")).find("is not numbers"), std::string::npos);
  EXPECT_NE(test::message(patch(load, "0:1:0")).find("has no parts"), std::string::npos);
  EXPECT_NE(test::message(patch(load, "0:4294967296")).find("is not numbers"), std::string::npos);
  EXPECT_NE(test::message(patch(load, "0:1", 13)).find("kind 13"), std::string::npos);
  ProgramSpec program;
  program.code.insns = load;
  program.core_relocations = {{1, local_type, "0:1", 0}};
  EXPECT_NE(test::message(spec::resolve_core(program, local, ByteOrder::little, target)).find("slot 1"),
            std::string::npos);
  program.core_relocations = {{0, local_type, "0:1", 0}, {0, local_type, "0:0", 0}};
  EXPECT_NE(test::message(spec::resolve_core(program, local, ByteOrder::little, target)).find("two CO-RE relocations"),
            std::string::npos);
}

TEST_F(Patching, PoisonsBothSlotsOfAWideInstruction) {
  target.types = btf::CoreTargets();
  const auto resolved = patch({{.op = Op::ld_imm64, .dst = r1, .imm = 4}, {.op = Op::wide_tail}, {.op = Op::exit}});
  ASSERT_OK(resolved);
  const Instruction poison{.op = Op::call_helper, .imm = spec::kCorePoison};
  EXPECT_EQ(resolved->program.code.insns, (std::vector<Instruction>{poison, poison, {.op = Op::exit}}));
  ASSERT_EQ(resolved->outcomes.size(), 1u);
  EXPECT_TRUE(resolved->outcomes[0].poisoned);
  EXPECT_EQ(resolved->outcomes[0].missing, "byte_off of \"s.b\" (0:1): no STRUCT \"s\"");
}

// Poison takes names with it, and only those; a program may have many.
TEST_F(Patching, PoisonHasNoName) {
  target.types = btf::CoreTargets();
  ProgramSpec program;
  constexpr std::uint32_t kPairs = 20'000;
  for (std::uint32_t slot = 0; slot < 2 * kPairs; slot += 2) {
    program.code.insns.insert(program.code.insns.end(), {{.op = Op::ld_imm64, .dst = r1}, {.op = Op::wide_tail}});
    program.code.references.push_back({.slot = slot, .kind = Reference::Kind::extern_, .symbol = "x"});
    if (slot % 6 != 0) program.core_relocations.push_back({slot, local_type, "0:1", 0});
  }
  const auto resolved = spec::resolve_core(program, local, ByteOrder::little, target);
  ASSERT_OK(resolved);
  const auto& left = resolved->program.code.references;
  ASSERT_EQ(left.size(), (kPairs + 2) / 3);
  EXPECT_TRUE(std::ranges::all_of(left, [](const Reference& each) { return each.slot % 6 == 0; }));
}

TEST_F(Patching, RefusesOffsetsThatNoLoadCanHold) {
  test::BtfBuilder theirs;
  theirs.structure("s", 40000, {{"b", theirs.integer("unsigned int", 4), 32768 * 8}});
  target = target_of({{"target", *theirs.parse()}});
  EXPECT_NE(test::message(patch({{.op = Op::ldx32, .off = 4}})).find("offset 32768 does not fit"), std::string::npos);
  EXPECT_EQ(first({{.op = Op::mov64_imm, .imm = 4}}).imm, 32768);
}

}  // namespace
}  // namespace skep
