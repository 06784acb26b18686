#include "skep/asm/helpers.hpp"

#include <algorithm>

namespace skep {
namespace {

constexpr HelperInfo make(std::uint32_t id, std::string_view name, HelperReturn returns,
                          std::array<HelperArgument, 5> arguments) {
  return {id, name, returns, arguments};
}

constexpr auto kHelpers = [] {
  using enum HelperArgument;
  using Returns = HelperReturn;
  return std::to_array<HelperInfo>({
#define SKEP_HELPER(id, name, returns, ...) make(id, #name, Returns::returns, {__VA_ARGS__}),
#include "skep/asm/helpers.inc"
#undef SKEP_HELPER
  });
}();

consteval bool numbered_from_one() {
  for (std::size_t i = 0; i < kHelpers.size(); ++i)
    if (kHelpers[i].id != i + 1) return false;
  return kHelpers.size() == kHelperCount;
}
static_assert(numbered_from_one());

constexpr auto kByName = [] {
  auto sorted = kHelpers;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return sorted;
}();

}  // namespace

unsigned HelperInfo::argument_count() const {
  return static_cast<unsigned>(std::find(arguments.begin(), arguments.end(), HelperArgument::none) - arguments.begin());
}

const HelperInfo* helper_info(std::int64_t id) {
  return id >= 1 && id <= std::int64_t{kHelperCount} ? &kHelpers[static_cast<std::size_t>(id - 1)] : nullptr;
}

std::string_view helper_name(std::int64_t id) {
  const auto* helper = helper_info(id);
  return helper ? helper->name : std::string_view();
}

std::optional<std::uint32_t> helper_id(std::string_view name) {
  if (name.starts_with("bpf_")) name.remove_prefix(4);
  const auto found =
      std::lower_bound(kByName.begin(), kByName.end(), name,
                       [](const HelperInfo& helper, std::string_view wanted) { return helper.name < wanted; });
  if (found == kByName.end() || found->name != name) return std::nullopt;
  return found->id;
}

}  // namespace skep
