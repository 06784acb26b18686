// A complete, deterministic text of a collection: every field of every part, types included. Equal specs
// print equal, on every machine; it is what tests compare and what a person reads when two specs differ.
#pragma once

#include <string>

#include "skep/spec/collection.hpp"

namespace skep {

// Ends with a newline. Bytes of data are hex as they lie in memory; the byte order is in the first line.
std::string print(const CollectionSpec& collection);
// One program or subprogram, as in the collection's text.
std::string print(const ProgramSpec& program);
// The types of a Btf, one a line, as in the collection's text.
std::string print(const btf::Btf& types);

}  // namespace skep
