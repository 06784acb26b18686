// Addresses of kernel symbols by name, as /proc/kallsyms lists them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "skep/base/error.hpp"

namespace skep {

// A value: copies share what was read, and any number of threads may ask.
class KernelSymbols {
 public:
  // Knows no symbol.
  KernelSymbols() = default;
  // `text`: a line a symbol, "ffffffff81000000 T _stext", possibly with "[module]" behind it. Errors: malformed, with
  // the line.
  static Result<KernelSymbols> parse(std::string text);

  bool empty() const;
  // The different addresses of that name, ascending; a static name may have several. Nothing: there is no such symbol.
  std::vector<std::uint64_t> find(std::string_view name) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace skep
