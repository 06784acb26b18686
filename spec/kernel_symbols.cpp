// A kernel has some 200,000 symbols: their names stay where they are in the text.
//
// Compilers that optimise across files give a static variable the suffix ".llvm.NUMBER"; as in libbpf (kallsyms_cb)
// data of such a name is found without it.
#include "skep/spec/kernel_symbols.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace skep {

struct KernelSymbols::State {
  struct Symbol {
    std::string_view name;  // in `text`
    std::uint64_t address;
    auto key() const { return std::tie(name, address); }
  };
  std::string text;
  std::vector<Symbol> symbols;  // by name, then address
};

namespace {

// The next word of a line; "" at its end.
std::string_view take_word(std::string_view& line) {
  const auto begin = std::min(line.find_first_not_of(" \t"), line.size());
  const auto end = std::min(line.find_first_of(" \t", begin), line.size());
  const auto word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

}  // namespace

Result<KernelSymbols> KernelSymbols::parse(std::string text) {
  auto state = std::make_shared<State>();
  state->text = std::move(text);
  std::string_view rest = state->text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto digits = take_word(line), type = take_word(line);
    auto name = take_word(line);
    if (digits.empty()) continue;
    std::uint64_t address = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), address, 16);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || type.size() != 1 || name.empty())
      return fail(Errc::malformed, "line {}: not an address, a letter and a name", number);
    if (type == "d") name = name.substr(0, name.find(".llvm."));
    state->symbols.push_back({name, address});
  }
  std::ranges::sort(state->symbols, {}, &State::Symbol::key);
  KernelSymbols result;
  result.state_ = std::move(state);
  return result;
}

bool KernelSymbols::empty() const { return !state_ || state_->symbols.empty(); }

std::vector<std::uint64_t> KernelSymbols::find(std::string_view name) const {
  std::vector<std::uint64_t> addresses;
  if (!state_) return addresses;
  const auto same = std::ranges::equal_range(state_->symbols, name, {}, &State::Symbol::name);
  for (const auto& symbol : same)
    if (addresses.empty() || addresses.back() != symbol.address) addresses.push_back(symbol.address);
  return addresses;
}

}  // namespace skep
