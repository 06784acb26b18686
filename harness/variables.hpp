// Setting global variables from text, before an object runs: VAR=VALUE, VAR.field=VALUE, VAR[2].field=VALUE.
#pragma once

#include <string_view>

#include "skep/spec/collection.hpp"

namespace skep::harness {

// VALUE is typed by BTF: integers in decimal or hex, enumerators by name, true and false, char arrays as plain
// text, arrays and structures as JSON or, as bytes, in hex. Without BTF: an integer of the variable's size,
// or hex. Errors: invalid; for an unknown variable or field the message lists those there are.
Result<> set_variable(CollectionSpec& spec, std::string_view assignment);

}  // namespace skep::harness
