// Test cases in the format of the BPF conformance suite: a program, its memory and what it leaves in r0, in a
// text file that a stranger can write.
//
//   # comments before the first section
//   -- asm        one instruction a line, the mnemonic dialect
//   -- mem        optional: bytes in hex; their guest address is in r1, their length in r2
//   -- result     r0 at the end, in hex or decimal
//
// Other sections (-- raw, -- c) are notes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "skep/base/bytes.hpp"

namespace skep::test {

struct CaseFile {
  std::string name;  // of the file: "add.data"
  std::string assembly;
  std::vector<std::byte> memory;
  std::uint64_t result = 0;
};

// Errors name the file.
Result<CaseFile> read_case(const std::string& path);
// All *.data below a folder, sorted by path; a case that cannot be read is an error.
Result<std::vector<CaseFile>> read_cases(const std::string& folder);

// Where the conformance suite's cases are: $SKEP_CONFORMANCE, else beside the source tree; "" if they are not there.
std::string conformance_folder();

}  // namespace skep::test
