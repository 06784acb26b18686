// By the symbols of the map. They come sorted; in a hostile object one may lie inside of another, and the last that
// begins before the place decides.
#include "skep/spec/place.hpp"

#include <algorithm>

namespace skep::spec {
namespace {

// The map that a reference means: those to .kconfig name the extern.
const MapSpec* map_of(const CollectionSpec& collection, const Reference& reference) {
  if (reference.kind == Reference::Kind::map_value) return collection.map(reference.symbol);
  if (reference.kind != Reference::Kind::variable) return nullptr;
  const auto* variable = collection.variable(reference.symbol);
  return variable ? collection.map(variable->section) : nullptr;
}

}  // namespace

std::optional<text::DataPlace> find_place(const CollectionSpec& collection, const Reference& reference,
                                          std::uint32_t offset) {
  const auto* map = map_of(collection, reference);
  if (!map) return std::nullopt;
  const auto after = std::ranges::upper_bound(map->symbols, offset, {}, &DataSymbol::offset);
  if (after == map->symbols.begin()) return std::nullopt;
  // Of several names for one place the first.
  const auto begin = std::prev(after)->offset;
  const auto symbol = std::ranges::lower_bound(map->symbols, begin, {}, &DataSymbol::offset);
  if (offset - begin >= symbol->size) return std::nullopt;
  return text::DataPlace{map->name, symbol->name, offset - begin};
}

}  // namespace skep::spec
