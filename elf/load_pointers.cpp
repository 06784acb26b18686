// Addresses in data (`int *p = &x;`, tables of strings or functions): relocations of a data section, which
// only a linker that knows where maps will lie could honour. libbpf leaves such bytes as they are, silently.
// Here the variable that holds them is remembered, with a warning, and code that refers to it has a problem
// that names both; code that does not is none the worse.
#include <algorithm>
#include <tuple>

#include <elf.h>

#include "skep/elf/loader.hpp"

namespace skep::elf {
namespace {

std::vector<const Symbol*> variables_of(const Loader& loader, const Section& section) {
  std::vector<const Symbol*> symbols;
  for (const auto index : loader.file.symbols_of(section)) {
    const auto& symbol = loader.file.symbols()[index];
    if (symbol.type == STT_OBJECT && symbol.size != 0) symbols.push_back(&symbol);
  }
  std::sort(symbols.begin(), symbols.end(),
            [](const Symbol* a, const Symbol* b) { return std::tie(a->value, a->size) < std::tie(b->value, b->size); });
  return symbols;
}

const Symbol* holder_of(const std::vector<const Symbol*>& symbols, std::uint64_t offset) {
  const auto after =
      std::upper_bound(symbols.begin(), symbols.end(), offset,
                       [](std::uint64_t wanted, const Symbol* symbol) { return wanted < symbol->value; });
  if (after == symbols.begin()) return nullptr;
  const auto* symbol = *std::prev(after);
  return offset - symbol->value < symbol->size ? symbol : nullptr;
}

}  // namespace

void find_pointers(Loader& loader, const Section& section) {
  const auto& relocations = loader.relocations[section.index];
  if (relocations.empty()) return;
  const auto symbols = variables_of(loader, section);
  auto& ranges = loader.pointers[section.index];
  for (const auto& relocation : relocations) {
    const auto* holder = holder_of(symbols, relocation.offset);
    // A constant without a symbol could be any part of the section.
    PointerRange range{0, section.size, {}};
    if (holder) range = {holder->value, holder->value + holder->size, {}};
    if (!ranges.empty() && range.begin >= ranges.back().begin && range.end <= ranges.back().end) continue;
    const auto& target = loader.file.symbols()[relocation.symbol];
    range.reason = fmt::format("{}: \"{}\" holds the address of \"{}\" at {:#x}: addresses in data are not supported",
                               describe(section), holder ? holder->name.substr(0, 64) : section.name.substr(0, 64),
                               loader.file.label(target).substr(0, 64), relocation.offset);
    loader.warn(range.reason);
    while (!ranges.empty() && ranges.back().end > range.begin) {
      range.begin = std::min(range.begin, ranges.back().begin);
      range.end = std::max(range.end, ranges.back().end);
      ranges.pop_back();
    }
    ranges.push_back(std::move(range));
  }
}

const PointerRange* Loader::pointers_around(std::uint32_t in, std::uint64_t offset) const {
  const auto ranges = pointers.find(in);
  if (ranges == pointers.end()) return nullptr;
  const auto after =
      std::upper_bound(ranges->second.begin(), ranges->second.end(), offset,
                       [](std::uint64_t wanted, const PointerRange& range) { return wanted < range.begin; });
  if (after == ranges->second.begin()) return nullptr;
  const auto& range = *std::prev(after);
  return offset < range.end ? &range : nullptr;
}

}  // namespace skep::elf
