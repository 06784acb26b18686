// Finding what a user named, and saying what there is when it is not there.
#pragma once

#include <string>
#include <string_view>

#include "skep/spec/collection.hpp"

namespace skep::harness {

// "it has a, b, c", or "it has none".
template <class Range>
std::string list_names(const Range& range) {
  std::string text;
  for (const auto& one : range) text += (text.empty() ? "" : ", ") + std::string(one.name);
  return "it has " + (text.empty() ? "none" : text);
}

// A program, or a function of .text; null if the object has neither.
const ProgramSpec* find_code(const CollectionSpec& spec, std::string_view name);
// Programs first, then the functions of .text, in the manner of list_names.
std::string list_code(const CollectionSpec& spec);

}  // namespace skep::harness
