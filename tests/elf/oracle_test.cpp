// Every object that the build makes and that the system's libbpf opens: we must say the same of it. libbpf
// 1.1 is older than our tables, so what it cannot know yet is listed here, by name.
#include <cstring>
#include <set>

#include <gtest/gtest.h>

#include "skep/elf/sections.hpp"
#include "skep/spec/libbpf_name.hpp"
#include "skep/spec/link.hpp"
#include "skep/tests/support/libbpf.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep {
namespace {

using test::Libbpf;

// Sections that came after libbpf 1.1.
bool newer_than_libbpf(std::string_view section) {
  static constexpr std::string_view kNewer[] = {"kprobe.session",
                                                "uprobe.multi",
                                                "uretprobe.multi",
                                                "uprobe.session",
                                                "uprobe.multi.s",
                                                "uretprobe.multi.s",
                                                "uprobe.session.s",
                                                "tc/ingress",
                                                "tc/egress",
                                                "tcx/ingress",
                                                "tcx/egress",
                                                "netkit/primary",
                                                "netkit/peer",
                                                "tracepoint.s",
                                                "tp.s",
                                                "raw_tracepoint.s",
                                                "raw_tp.s",
                                                "fsession",
                                                "usdt.s",
                                                "tp_btf.s",
                                                "sk_skb/verdict",
                                                "fsession.s",
                                                "fsession.multi",
                                                "fsession.multi.s",
                                                "fentry.multi",
                                                "fexit.multi",
                                                "fentry.multi.s",
                                                "fexit.multi.s",
                                                "cgroup/connect_unix",
                                                "cgroup/sendmsg_unix",
                                                "cgroup/recvmsg_unix",
                                                "cgroup/getpeername_unix",
                                                "cgroup/getsockname_unix",
                                                "netfilter",
                                                "struct_ops.s"};
  return std::find(std::begin(kNewer), std::end(kNewer), section) != std::end(kNewer);
}

TEST(Oracle, EveryRowOfTheSectionTableIsLibbpfs) {
  if (!Libbpf::get()) GTEST_SKIP() << "libbpf.so.1 is not installed";
  std::size_t compared = 0;
  for (const auto& row : elf::section_rows()) {
    for (const auto& name : {std::string(row.name), std::string(row.name) + "/extra"}) {
      bpf_prog_type type{};
      bpf_attach_type attach{};
      const bool known = SKEP_LIBBPF(libbpf_prog_type_by_name)(name.c_str(), &type, &attach) == 0;
      const auto match = elf::match_section(name);
      if (!known && newer_than_libbpf(row.name)) continue;
      ASSERT_EQ(known, match.row != nullptr) << name;
      if (!known) continue;
      EXPECT_EQ(static_cast<std::uint32_t>(match.row->type), type) << name;
      EXPECT_EQ(static_cast<std::uint32_t>(match.row->attach_type.value_or(AttachType{})), attach) << name;
      ++compared;
    }
  }
  EXPECT_GT(compared, 100u);
}

void compare_programs(const CollectionSpec& spec, bpf_object* object) {
  bpf_program* program = nullptr;
  for (const auto& ours : spec.programs) {
    program = SKEP_LIBBPF(bpf_object__next_program)(object, program);
    ASSERT_NE(program, nullptr) << ours.name;
    EXPECT_EQ(ours.name, SKEP_LIBBPF(bpf_program__name)(program));
    SCOPED_TRACE(ours.name);
    EXPECT_EQ(ours.section, SKEP_LIBBPF(bpf_program__section_name)(program));
    EXPECT_EQ(ours.autoload, SKEP_LIBBPF(bpf_program__autoload)(program));
    EXPECT_EQ(ours.code.size(), SKEP_LIBBPF(bpf_program__insn_cnt)(program));
    const auto match = elf::match_section(ours.section);
    if (match.row && newer_than_libbpf(match.row->name)) continue;
    EXPECT_EQ(static_cast<std::uint32_t>(ours.type), SKEP_LIBBPF(bpf_program__type)(program));
    EXPECT_EQ(static_cast<std::uint32_t>(ours.attach_type.value_or(AttachType{})),
              SKEP_LIBBPF(bpf_program__expected_attach_type)(program));
  }
  EXPECT_EQ(SKEP_LIBBPF(bpf_object__next_program)(object, program), nullptr);
}

// Ring buffers are rounded to the running system's pages; a specification keeps what was declared.
bool is_ring(MapType type) { return type == MapType::ringbuf || type == MapType::user_ringbuf; }

void compare_map(const MapSpec& ours, const bpf_map* map, const std::string& path) {
  EXPECT_EQ(libbpf_name(ours, path), SKEP_LIBBPF(bpf_map__name)(map));
  SCOPED_TRACE(ours.name);
  EXPECT_EQ(static_cast<std::uint32_t>(ours.type), SKEP_LIBBPF(bpf_map__type)(map));
  EXPECT_EQ(ours.key_size, SKEP_LIBBPF(bpf_map__key_size)(map));
  EXPECT_EQ(ours.value_size, SKEP_LIBBPF(bpf_map__value_size)(map));
  if (!is_ring(ours.type)) {
    EXPECT_EQ(ours.max_entries, SKEP_LIBBPF(bpf_map__max_entries)(map));
  }
  EXPECT_EQ(ours.flags, SKEP_LIBBPF(bpf_map__map_flags)(map));
  EXPECT_EQ(ours.map_extra, SKEP_LIBBPF(bpf_map__map_extra)(map));
  EXPECT_EQ(ours.numa_node, SKEP_LIBBPF(bpf_map__numa_node)(map));
  EXPECT_EQ(ours.pinning == Pinning::by_name, SKEP_LIBBPF(bpf_map__pin_path)(map) != nullptr);
  EXPECT_EQ(number(ours.key_type), SKEP_LIBBPF(bpf_map__btf_key_type_id)(map));
  EXPECT_EQ(number(ours.value_type), SKEP_LIBBPF(bpf_map__btf_value_type_id)(map));
  EXPECT_EQ(ours.kind != MapKind::user && ours.kind != MapKind::struct_ops, SKEP_LIBBPF(bpf_map__is_internal)(map));
  const auto* inner = SKEP_LIBBPF(bpf_map__inner_map)(const_cast<bpf_map*>(map));
  ASSERT_EQ(!ours.inner.empty(), inner != nullptr);
  if (inner) compare_map(ours.inner.front(), inner, path);
  if (ours.kind == MapKind::user || ours.kind == MapKind::struct_ops) return;
  std::size_t size = 0;
  const auto* value = SKEP_LIBBPF(bpf_map__initial_value)(const_cast<bpf_map*>(map), &size);
  ASSERT_EQ(size, ours.value_size);
  const auto contents = ours.contents.empty() ? std::vector<std::byte>(size) : ours.contents;
  EXPECT_EQ(std::memcmp(value, contents.data(), size), 0);
}

void compare_maps(const CollectionSpec& spec, bpf_object* object, const std::string& path) {
  bpf_map* map = nullptr;
  for (const auto& ours : spec.maps) {
    map = SKEP_LIBBPF(bpf_object__next_map)(object, map);
    ASSERT_NE(map, nullptr) << ours.name;
    compare_map(ours, map, path);
  }
  EXPECT_EQ(SKEP_LIBBPF(bpf_object__next_map)(object, map), nullptr);
}

// What libbpf 1.1 cannot open, and why.
const std::map<std::string, std::string> kRefused{{"legacy.bpf.o", "legacy maps"},
                                                  {"no_btf.bpf.o", "legacy maps"},
                                                  {"bad_programs.bpf.o", "a static program"},
                                                  {"arena.bpf.o", "arenas came with 1.5"},
    {"linked_b.bpf.o", "an extern that another file defines"},
                                                  {"long_fields.bpf.o", "enums in map definitions came with 1.5"},
                                                  {"struct_ops.bpf.o", "struct_ops.link came with 1.2"}};

// Fixtures called bad_map_… are those that libbpf refuses for their maps.
TEST(Oracle, EveryObjectIsWhatLibbpfSays) {
  if (!Libbpf::get()) GTEST_SKIP() << "libbpf.so.1 is not installed";
  std::size_t compared = 0;
  for (const auto& path : test::built_objects(".bpf.o")) {
    SCOPED_TRACE(path);
    const auto spec = elf::load(test::bytes_of(path));
    const auto object = test::libbpf_open(path);
    const auto file = path.substr(path.rfind('/') + 1);
    if (file.starts_with("bad_map_")) {
      EXPECT_FALSE(spec);
      EXPECT_EQ(object, nullptr);
      continue;
    }
    ASSERT_OK(spec);
    if (kRefused.contains(file)) continue;
    ASSERT_NE(object, nullptr) << "libbpf: " << std::strerror(errno);
    compare_programs(*spec, object.get());
    compare_maps(*spec, object.get(), path);
    ++compared;
  }
  EXPECT_GT(compared, 5u);
}

// Slots and their order after linking: what libbpf hands to the kernel.
TEST(Oracle, LinkedProgramsAreWhatLibbpfGivesToTheKernel) {
  if (!Libbpf::get()) GTEST_SKIP() << "libbpf.so.1 is not installed";
  const auto path = test::fixture("elf/calls.bpf");
  const auto spec = test::load_fixture("elf/calls.bpf");
  const auto object = test::libbpf_open(path);
  ASSERT_NE(object, nullptr);
  if (SKEP_LIBBPF(bpf_object__load)(object.get()) != 0)
    GTEST_SKIP() << "bpf(2) is not permitted: " << std::strerror(errno);
  bpf_program* program = nullptr;
  while ((program = SKEP_LIBBPF(bpf_object__next_program)(object.get(), program))) {
    const std::string name = SKEP_LIBBPF(bpf_program__name)(program);
    SCOPED_TRACE(name);
    const auto linked = spec::link(spec, name);
    ASSERT_OK(linked);
    ASSERT_EQ(linked->code.size(), SKEP_LIBBPF(bpf_program__insn_cnt)(program));
    const auto* insns = SKEP_LIBBPF(bpf_program__insns)(program);
    for (std::uint32_t slot = 0; slot < linked->code.size(); ++slot) {
      const auto& ours = linked->code.insns[slot];
      if (ours.op != Op::call_local && ours.op != Op::ld_func) continue;
      EXPECT_EQ(static_cast<std::int32_t>(imm_low(ours)), insns[slot].imm) << "slot " << slot;
      EXPECT_EQ(insns[slot].src_reg, ours.op == Op::ld_func ? BPF_PSEUDO_FUNC : BPF_PSEUDO_CALL);
    }
  }
}

}  // namespace
}  // namespace skep
