// Whole files in and out.
#pragma once

#include <string>
#include <vector>

#include "skep/base/bytes.hpp"

namespace skep {

// The contents of a regular file, pipe or pseudo file (/sys, /proc). "-" is standard input.
// Errors: os with the errno; the message names the path.
Result<std::vector<std::byte>> read_file(const std::string& path);

// Writes (creates or replaces) a file. "-" is standard output.
Result<> write_file(const std::string& path, Bytes bytes);

}  // namespace skep
