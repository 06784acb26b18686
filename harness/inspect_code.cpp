#include "skep/harness/inspect_code.hpp"

#include <nlohmann/json.hpp>

#include "skep/asm/codec.hpp"
#include "skep/spec/link.hpp"
#include "skep/spec/linked_sizes.hpp"
#include "skep/spec/resolve.hpp"

namespace skep::harness {
namespace {

// Of all programs together: what the largest objects that exist have, a few times over.
constexpr std::uint64_t kMaxSlots = std::uint64_t{1} << 23;

Json slots_of(const Code& code, ByteOrder order) {
  auto insns = code.insns;
  for (auto& insn : insns)
    if (insn.op == Op::ld_map_fd || insn.op == Op::ld_map_value) insn.imm = imm_pair(0, imm_high(insn));
  const auto bytes = encode(insns, order);
  Json slots = Json::array();
  for (std::size_t at = 0; at < bytes.size(); at += kSlotSize)
    slots.push_back(to_hex(Bytes(bytes).subspan(at, kSlotSize)));
  return slots;
}

Json unresolved_to_json(const std::vector<spec::Unresolved>& unresolved) {
  Json list = Json::array();
  for (const auto& one : unresolved)
    list.push_back(
        {{"slot", one.slot}, {"symbol", one.symbol}, {"kind", skep::to_string(one.kind)}, {"reason", one.reason}});
  return list;
}

Result<spec::Resolved> resolved(const spec::Linker& linker, const ProgramSpec& program,
                                const spec::Resolver& resolver) {
  auto linked = SKEP_TRY(linker.link(program));
  return resolver.resolve(std::move(linked));
}

}  // namespace

Result<> add_code(Json& document, CollectionSpec spec, const Target& target) {
  SKEP_TRY(spec::resolve_kconfig(spec, target));
  const spec::Linker linker(spec);
  const spec::Resolver resolver(spec, target);
  spec::LinkedSizes sizes(spec);
  std::uint64_t slots = 0;
  for (const auto& program : spec.programs)
    if (const auto size = sizes.of(program)) slots += *size;
  if (slots > kMaxSlots)
    return fail(Errc::not_supported, "the programs have {} slots when they are linked; {} can be shown", slots, kMaxSlots);
  for (std::size_t i = 0; i < spec.programs.size(); ++i) {
    auto& json = document["programs"][i];
    const auto code = resolved(linker, spec.programs[i], resolver);
    json["code"] = code ? slots_of(code->program.code, spec.byte_order) : Json(nullptr);
    json["unresolved"] = code ? unresolved_to_json(code->unresolved) : Json(nullptr);
    if (!code && json["problem"].is_null()) json["problem"] = code.error().what();
  }
  return {};
}

}  // namespace skep::harness
