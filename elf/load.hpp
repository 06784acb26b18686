// From the bytes of an object that clang (or bpftool gen object) wrote to a CollectionSpec. Pure: no
// privileges, no system calls, the same everywhere. Follows libbpf's conventions.
#pragma once

#include "skep/base/bytes.hpp"
#include "skep/spec/collection.hpp"

namespace skep::elf {

// Parses an ELF relocatable object of either byte order. What is wrong with one program alone is told
// in that program's `problem`, and the rest is still there. Errors: malformed (with section, relocation or symbol),
// not_supported (what libbpf refuses too: legacy, named).
Result<CollectionSpec> load(Bytes object);

}  // namespace skep::elf
