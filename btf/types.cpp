#include "skep/btf/types.hpp"

namespace skep::btf {

std::string_view to_string(Kind kind) {
  switch (kind) {
#define SKEP_BTF_KIND(name, number, text, ...) \
  case Kind::name: return text;
#include "skep/btf/kinds.inc"
#undef SKEP_BTF_KIND
  }
  return "UNKNOWN";
}

}  // namespace skep::btf
