// CO-RE of any records over any types. The input is cut in four: sizes of the local .BTF and of the target's (two
// 32-bit numbers, little-endian), both, and the rest: records of 8 bytes (type, kind, access).
//
// What must hold: it ends, the order of the records does not matter, the minimal BTF of a target answers as the whole
// does, and the check of an object agrees with relocating it.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "skep/btf/minimal.hpp"
#include "skep/spec/core_check.hpp"
#include "skep/spec/resolve.hpp"

namespace {

using namespace skep;

constexpr std::array<const char*, 16> kAccess = {"0",     "0:0",   "0:1", "0:2",   "0:3",     "0:0:0", "0:0:1", "0:1:0",
                                                 "0:1:1", "0:2:0", "1",   "1:0:1", "0:0:0:0", "2:1",   "3",     "0:4"};

void require(bool condition) {
  if (!condition) std::abort();
}

// What records can be put into: one instruction of each form that takes a number.
Code code_of(std::size_t size) {
  constexpr std::array kOps = {Op::mov64_imm, Op::add64_imm, Op::ldx32, Op::stx64, Op::st8, Op::atomic_add64};
  Code code;
  for (std::size_t i = 0; i < size; ++i) code.insns.push_back({.op = kOps[i % kOps.size()]});
  code.insns.push_back({.op = Op::exit});
  return code;
}

std::vector<btf::CoreQuery> queries_of(const std::vector<CoreRelocation>& records) {
  std::vector<btf::CoreQuery> queries;
  for (const auto& each : records) queries.push_back({each.type, each.access, each.kind});
  return queries;
}

// Type ids are another BTF's.
bool is_same(const btf::CoreFixup& a, const btf::CoreFixup& b, std::uint32_t kind) {
  const bool is_id = kind == static_cast<std::uint32_t>(btf::CoreKind::type_id_target);
  return (is_id ? (a.value == 0) == (b.value == 0) : a.value == b.value) && a.local_value == b.local_value &&
         a.check_local == b.check_local && a.local_size == b.local_size && a.size == b.size &&
         a.size_fits == b.size_fits && a.poison == b.poison && a.target.has_value() == b.target.has_value() &&
         a.missing == b.missing;
}

void minimize(const std::vector<CoreRelocation>& records, const btf::Btf& local, const btf::Btf& whole) {
  const auto queries = queries_of(records);
  btf::MinimalBtf minimal(whole);
  const auto expected = minimal.add(queries, local);
  const auto part = minimal.build();
  if (!part) return;  // types that refer to none, or are of unknown kinds
  require(part->type_count() <= whole.type_count());
  const auto got = btf::relocate(queries, local, btf::CoreTargets({{"minimal", *part}}), whole.byte_order());
  for (const auto& one : expected)
    if (!one && one.error().what().find("too many steps") != std::string::npos) return;  // the part takes fewer
  for (std::size_t i = 0; i < queries.size(); ++i) {
    require(got[i].has_value() == expected[i].has_value());
    if (got[i]) require(is_same(*got[i], *expected[i], queries[i].kind));
    else require(got[i].error().code() == expected[i].error().code());
  }
}

// What the check says of an object with this program.
void check(const ProgramSpec& program, const btf::Btf& local, const Target& target, ByteOrder order, bool resolves) {
  CollectionSpec collection;
  collection.byte_order = order;
  collection.types = local;
  collection.programs = {program};
  const auto report = spec::check_core(collection, spec::core_subjects(collection), target);
  require(report.has_value() && report->programs.size() == 1);
  require(resolves || report->verdict == spec::CoreVerdict::fails);
  for (const auto& finding : report->findings) {
    require(!finding.reason.empty() && !finding.asks.empty());
    require(finding.lack != btf::CoreLack::name || !finding.missing.empty());
  }
}

void relocate(const std::vector<CoreRelocation>& records, const btf::Btf& local, const Target& target,
              ByteOrder order) {
  auto queries = queries_of(records);
  const auto fixups = btf::relocate(queries, local, *target.types, order);
  require(fixups.size() == queries.size());
  for (std::size_t i = 0; i < fixups.size(); ++i) {
    (void)btf::describe(local, queries[i]);
    if (!fixups[i]) continue;
    require(!fixups[i]->poison || !fixups[i]->reason.empty());
  }
  std::reverse(queries.begin(), queries.end());
  auto again = btf::relocate(queries, local, *target.types, order);
  std::reverse(again.begin(), again.end());
  require(again == fixups);

  ProgramSpec program;
  program.code = code_of(records.size());
  program.core_relocations = records;
  const auto resolved = spec::resolve_core(program, local, order, target);
  check(program, local, target, order, resolved.has_value());
  if (!resolved) return;
  for (const auto slot : spec::poisoned_slots(resolved->program.code, spec::Reach::dead))
    require(resolved->program.code.insns[slot].imm == spec::kCorePoison);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = std::as_bytes(std::span(data, size));
  if (rest.size() < 8) return 0;
  const auto take = [&rest](std::size_t wanted) {
    const auto part = rest.first(std::min(wanted, rest.size()));
    rest = rest.subspan(part.size());
    return std::vector<std::byte>(part.begin(), part.end());
  };
  const auto sizes = take(8);
  const auto local = btf::Btf::parse(take(load<std::uint32_t>(sizes.data())));
  const auto kernel = btf::Btf::parse(take(load<std::uint32_t>(sizes.data() + 4)));
  if (!local) return 0;

  std::vector<CoreRelocation> records;
  for (std::uint32_t slot = 0; rest.size() >= 8 && slot < 64; ++slot) {
    const auto record = take(8);
    const auto type = load<std::uint32_t>(record.data());
    records.push_back({slot, btf::TypeId{type % (local->type_count() + 1)},
                       kAccess[std::to_integer<unsigned>(record[5]) % kAccess.size()],
                       std::to_integer<std::uint32_t>(record[4]) % 14});
  }
  minimize(records, *local, *local);
  if (kernel) minimize(records, *local, *kernel);
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    relocate(records, *local, Target{btf::CoreTargets({{"itself", *local}})}, order);
    if (!kernel) continue;
    relocate(records, *local, Target{btf::CoreTargets({{"vmlinux", *kernel}})}, order);
    relocate(records, *local, Target{btf::CoreTargets({{"vmlinux", *kernel}, {"module", *local}})}, order);
  }
  return 0;
}
