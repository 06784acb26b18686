// Which variable lies at a place of a data section, for listings and messages.
#pragma once

#include <optional>

#include "skep/asm/text/print.hpp"
#include "skep/spec/collection.hpp"

namespace skep::spec {

// What an ld_map_value with this reference and this offset into the value points at; nothing where the object has no
// name (text::PrintOptions::find_place).
std::optional<text::DataPlace> find_place(const CollectionSpec& collection, const Reference& reference,
                                          std::uint32_t offset);

}  // namespace skep::spec
