// .BTF.ext from its records: the way back of Ext::parse, for code that was linked or moved.
#pragma once

#include <vector>

#include "skep/btf/build.hpp"
#include "skep/btf/ext.hpp"

namespace skep::btf {

// Strings are added to `builder`, in whose byte order the section is; types are ids of the builder. Records have
// the sizes that Ext knows (8 and 16 bytes), groups and records keep their order, groups without records are left
// out. The header has 24 bytes without CO-RE records, else 32. Errors: invalid (a section without a name, a line of
// more than 22 bits, a column of more than 10, a type that is not there, and those of Builder::string); they name
// section and record.
Result<std::vector<std::byte>> encode_ext(const Ext& ext, Builder& builder);

// What func_info and line_info records hold, as words, beside the instruction. bpf(2) takes the same records with
// the instruction counted in slots. Errors: as above.
Result<std::uint32_t> line_and_column(const LineRecord& record);

}  // namespace skep::btf
