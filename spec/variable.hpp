// A global variable: where it lies in a data section, and its type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "skep/btf/types.hpp"

namespace skep {

struct VariableSpec {
  std::string name;
  std::string section;        // and so the name of the map that holds it: ".rodata"
  std::uint32_t offset = 0;   // bytes, in the section
  std::uint32_t size = 0;     // bytes
  btf::TypeId type{};         // of the variable itself (not its VAR); none without BTF
  bool weak = false;

  bool operator==(const VariableSpec&) const = default;
};

// A name that somebody else defines: the kernel's configuration (.kconfig), a kernel symbol or function
// (.ksyms).
struct ExternSpec {
  enum class Kind : std::uint8_t { kconfig, ksym, kfunc };
  std::string name;
  Kind kind{};
  bool weak = false;
  btf::TypeId type{};  // of the variable, or the FUNC_PROTO; none: typeless ksym (`extern const void x`)
  bool given = false;  // .kconfig: somebody has set the variable of this name; until then it has no value

  bool operator==(const ExternSpec&) const = default;
};

std::string_view to_string(ExternSpec::Kind kind);  // "kfunc"

}  // namespace skep
