// What the static linker (bpftool gen object) writes: BTF with offsets filled in, bodies of weak functions that
// lost and that no symbol names any more, and static functions that share a name.
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "skep/spec/link.hpp"
#include "skep/tests/support/libbpf.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

class Linked : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::Libbpf::get()) GTEST_SKIP() << "libbpf.so.1, which has the static linker, is not installed";
    path_ = (std::filesystem::temp_directory_path() / ("skep_linked_" + std::to_string(getpid()) + ".o")).string();
    auto* linker = SKEP_LIBBPF(bpf_linker__new)(path_.c_str(), nullptr);
    ASSERT_NE(linker, nullptr);
    for (const auto* name : {"elf/linked_a.bpf", "elf/linked_b.bpf"})
      ASSERT_EQ(SKEP_LIBBPF(bpf_linker__add_file)(linker, test::fixture(name).c_str(), nullptr), 0) << name;
    ASSERT_EQ(SKEP_LIBBPF(bpf_linker__finalize)(linker), 0);
    SKEP_LIBBPF(bpf_linker__free)(linker);
    const auto spec = elf::load(test::bytes_of(path_));
    ASSERT_OK(spec);
    spec_ = *spec;
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::string path_;
  CollectionSpec spec_;
};

TEST_F(Linked, StaticFunctionsOfOneNameStayApart) {
  std::vector<std::string> helpers;
  for (const auto& one : spec_.subprograms)
    if (one.name.starts_with("helper")) helpers.push_back(one.name);
  ASSERT_EQ(helpers.size(), 2u);
  const auto a = spec::link(spec_, "program_a"), b = spec::link(spec_, "program_b");
  ASSERT_OK(a);
  ASSERT_OK(b);
  EXPECT_EQ(a->code.reference_at(1)->symbol, helpers[0]);
  EXPECT_NE(a->code.reference_at(1)->symbol, b->code.references.front().symbol);
}

TEST_F(Linked, TheBodyThatLostIsNobodys) {
  std::size_t bodies = 0;
  for (const auto& one : spec_.subprograms) bodies += one.name == "overridden";
  EXPECT_EQ(bodies, 1u);
}

// The gap has types and lines of its own; a count of records would give them to the functions behind it.
TEST_F(Linked, RecordsBelongToTheFunctionsWhoseBytesTheyName) {
  for (const auto* all : {&spec_.programs, &spec_.subprograms})
    for (const auto& program : *all) {
      const btf::TypeId type{program.code.functions.at(0).type_id};
      EXPECT_EQ(spec_.types.name(type), program.name.substr(0, program.name.find('@')));
      ASSERT_FALSE(program.code.lines.empty()) << program.name;
      EXPECT_EQ(program.code.lines[0].slot, 0u) << program.name;
    }
}

TEST_F(Linked, VariablesAndMapsLieWhereLibbpfPutsThem) {
  EXPECT_EQ(spec_.maps.size(), 3u);
  EXPECT_EQ(spec_.variables.size(), 1u);
  EXPECT_EQ(load<std::uint32_t>(spec_.get_variable("shared_counter")->data()), 5u);
  const auto object = test::libbpf_open(path_);
  ASSERT_NE(object, nullptr);
  bpf_map* map = nullptr;
  for (const auto& ours : spec_.maps) {
    map = SKEP_LIBBPF(bpf_object__next_map)(object.get(), map);
    ASSERT_NE(map, nullptr);
    EXPECT_EQ(ours.value_size, SKEP_LIBBPF(bpf_map__value_size)(map));
    EXPECT_EQ(ours.flags, SKEP_LIBBPF(bpf_map__map_flags)(map));
  }
}

TEST_F(Linked, SlotsAreThoseThatLibbpfGivesToTheKernel) {
  const auto object = test::libbpf_open(path_);
  ASSERT_NE(object, nullptr);
  if (SKEP_LIBBPF(bpf_object__load)(object.get()) != 0)
    GTEST_SKIP() << "bpf(2) is not permitted: " << std::strerror(errno);
  for (const auto* name : {"program_a", "program_b"}) {
    const auto linked = spec::link(spec_, name);
    ASSERT_OK(linked);
    const auto* program = SKEP_LIBBPF(bpf_object__find_program_by_name)(object.get(), name);
    ASSERT_EQ(linked->code.size(), SKEP_LIBBPF(bpf_program__insn_cnt)(program));
    const auto* insns = SKEP_LIBBPF(bpf_program__insns)(program);
    for (const auto& reference : linked->code.references)
      if (reference.kind == Reference::Kind::function) {
        EXPECT_EQ(static_cast<std::int32_t>(imm_low(linked->code.insns[reference.slot])), insns[reference.slot].imm);
      } else if (reference.kind == Reference::Kind::map_value) {
        EXPECT_EQ(static_cast<std::int32_t>(imm_high(linked->code.insns[reference.slot])), insns[reference.slot + 1].imm);
      }
  }
}

}  // namespace
}  // namespace skep
