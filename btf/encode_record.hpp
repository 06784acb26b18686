// One type to the words of its record. Internal to btf/.
#pragma once

#include <vector>

#include "skep/btf/string_table.hpp"

namespace skep::btf::detail {

// Adds the record to `words` and its strings to `strings`. Errors: invalid, for what a record has no room for, and
// not_supported; they name the kind. Words may have been added then.
Result<> encode_record(const Type& type, StringTable& strings, std::vector<std::uint32_t>& words);

}  // namespace skep::btf::detail
