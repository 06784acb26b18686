// CO-RE of any records over any types. The input is cut in four: sizes of the local .BTF and of the target's (two
// 32-bit numbers, little-endian), both, and the rest: records of 8 bytes (type, kind, access).
//
// What must hold: it ends, the order of the records does not matter, and what is found in the local types against
// themselves is what the compiler saw.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "skep/spec/reach.hpp"
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

void relocate(const std::vector<CoreRelocation>& records, const btf::Btf& local, const Target& target,
              ByteOrder order) {
  std::vector<btf::CoreQuery> queries;
  for (const auto& each : records) queries.push_back({each.type, each.access, each.kind});
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
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    relocate(records, *local, Target{btf::CoreTargets({{"itself", *local}})}, order);
    if (!kernel) continue;
    relocate(records, *local, Target{btf::CoreTargets({{"vmlinux", *kernel}})}, order);
    relocate(records, *local, Target{btf::CoreTargets({{"vmlinux", *kernel}, {"module", *local}})}, order);
  }
  return 0;
}
