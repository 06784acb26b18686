// Values as people type them behind an option: plain text where the type makes clear what is meant, JSON
// for what has parts.
#pragma once

#include "skep/btf/btf.hpp"

namespace skep::harness {

// `size` bytes of a value of `type` (none: hex or an integer). Integers in decimal or hex, enumerators by
// name, true and false, char arrays as they are; arrays, structures and unions as JSON. Errors: invalid.
Result<std::vector<std::byte>> bytes_from_text(const btf::Btf& types, btf::TypeId type, std::size_t size,
                                               std::string_view text, ByteOrder order);

}  // namespace skep::harness
