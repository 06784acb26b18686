// Text from an object, made printable.
#pragma once

#include <string>
#include <string_view>

namespace skep {

// In double quotes, with '"', '\' and what is no printable ASCII escaped. What is longer than 1024 bytes is cut, and
// its length said behind the quotes: thousands of records can share one string.
std::string quote(std::string_view text);

}  // namespace skep
