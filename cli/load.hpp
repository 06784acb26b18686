// What the commands that take an object share.
#pragma once

#include <string>

#include "skep/spec/collection.hpp"

namespace skep::cli {

// Reads and parses an object file ("-": standard input). Warnings go to standard error. Errors name the path.
Result<CollectionSpec> load_object(const std::string& path);

}  // namespace skep::cli
