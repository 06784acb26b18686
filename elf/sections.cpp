// Matching is exact but for "+", so "xdp/x" and "tc/x" match nothing, as in libbpf.
#include "skep/elf/sections.hpp"

#include <array>

namespace skep::elf {
namespace {

constexpr auto kAttachable = SectionRow::kAttachable, kOptional = SectionRow::kOptional,
               kAttachBtf = SectionRow::kAttachBtf, kSleepable = SectionRow::kSleepable, kFrags = SectionRow::kFrags,
               kUsdt = SectionRow::kUsdt;

constexpr SectionRow row(std::string_view name, ProgramType type, std::optional<AttachType> attach, int flags) {
  const bool extra = name.ends_with('+');
  if (extra) name.remove_suffix(1);
  return {name, extra, type, attach, static_cast<std::uint8_t>(flags)};
}

constexpr auto make_rows() {
  using enum AttachType;
  constexpr auto none = std::nullopt;
  return std::array{
#define SKEP_SEC(name, type, attach, flags) row(name, ProgramType::type, attach, flags),
#include "skep/elf/sections.inc"
#undef SKEP_SEC
  };
}
constexpr auto kRows = make_rows();

}  // namespace

std::span<const SectionRow> section_rows() { return kRows; }

SectionMatch match_section(std::string_view section) {
  for (const auto& one : kRows) {
    if (!section.starts_with(one.name)) continue;
    const auto rest = section.substr(one.name.size());
    if (rest.empty()) return {&one, {}};
    if (one.extra && rest.front() == '/') return {&one, rest.substr(1)};
  }
  return {};
}

}  // namespace skep::elf
