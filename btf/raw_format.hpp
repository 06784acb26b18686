// Types one by one as their records are, in the text that `bpftool btf dump format raw` prints:
//
//   [4] STRUCT 'flow_key' size=16 vlen=2
//   	'addr' type_id=2 bits_offset=0
//   	'flags' type_id=3 bits_offset=32 bitfield_size=4
#pragma once

#include <string>
#include <string_view>

#include "skep/btf/btf.hpp"

namespace skep::btf {

// Appends one type and a newline. Errors: those of Btf::type; nothing is appended then.
Result<> append_raw(const Btf& btf, TypeId id, std::string& out);

// The words that bpftool has for what a record holds, in text and in JSON.
std::string_view encoding_text(const Int& type);   // "(none)", "SIGNED", "CHAR", "BOOL", "UNKN" for several
std::string_view encoding_text(const Enum& type);  // "SIGNED", "UNSIGNED"
std::string_view to_string(Linkage linkage);       // "static", "global", "extern"
// The name, or "(anon)".
std::string_view name_text(std::string_view name);

}  // namespace skep::btf
