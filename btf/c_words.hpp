// Names in C: which text can be an identifier, and no identifier twice in one name space. BTF allows more: names of
// Rust types have brackets and spaces, kernels hold several types of one name, and hostile files anything.
// Internal to btf/.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "skep/btf/types.hpp"

namespace skep::btf::detail {

// Whether it can name something in C17 with GNU extensions: letters, digits, '_', no keyword.
bool is_c_identifier(std::string_view name);
// The nearest identifier: other characters become '_', a keyword gets one appended.
std::string to_c_identifier(std::string_view name);
// In the text of a C string, without the quotes.
std::string to_c_string(std::string_view text);

// The names that are taken at file scope. What comes second is called NAME___2, which CO-RE takes for the same
// name. Views that it returns live as long as it does, or as the Btf that the name comes from.
class CNames {
 public:
  // `names`: about how many there will be.
  explicit CNames(std::size_t names) { ordinary_.reserve(names); }
  // A typedef, enumerator, function or variable.
  std::string_view ordinary(std::string_view name);
  // struct, union and enum share one name space. `kind`: Struct, Union or Enum. A declaration without a body
  // has the name of the first definition of its kind, whichever comes first.
  std::string_view tag(std::string_view name, Kind kind, bool is_definition);
  // A text of no name space.
  std::string_view keep(std::string text) { return made_.emplace_back(std::move(text)); }

 private:
  struct Tag {
    Kind kind{};
    bool is_defined = false;
  };
  std::string_view identifier(std::string_view name);
  // The next NAME___n, which may be taken too.
  std::string_view next(std::string_view name);

  std::deque<std::string> made_;  // names that no Btf holds
  std::unordered_map<std::string_view, Tag> tags_;
  std::unordered_map<std::string_view, bool> ordinary_;
  std::unordered_map<std::string_view, std::uint32_t> last_;  // the last number given to a name
};

// Names of the members of one definition. It compares hashes: a wrong answer costs a needless new name.
class MemberNames {
 public:
  void clear() { ++epoch_, used_ = 0; }
  // Whether it was not there before. `scope`: tells structures inside of the definition apart.
  bool add(std::uint32_t scope, std::string_view name);

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t epoch = 0;
  };
  bool put(std::uint64_t hash);
  std::vector<Slot> slots_ = std::vector<Slot>(64);
  std::size_t used_ = 0;
  std::uint32_t epoch_ = 1;
};

}  // namespace skep::btf::detail
