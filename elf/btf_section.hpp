// The .BTF section of any ELF file: a kernel (vmlinux), a module, an object, of every class, machine and byte order.
// Nothing else of the file is looked at. Source: the System V ABI's generic part, chapters "Object Files" and
// "Sections".
#pragma once

#include "skep/base/bytes.hpp"

namespace skep::elf {

bool is_elf(Bytes bytes);

// Borrows its bytes. Errors: not_found (no such section), malformed (a header or the section lies outside of the file),
// not_supported (it is compressed).
Result<Bytes> btf_section(Bytes file);

}  // namespace skep::elf
