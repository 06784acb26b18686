#include "skep/asm/builder.hpp"

#include <set>
#include <utility>

namespace skep {
namespace {

template <class T>
Result<> no_duplicates(const std::vector<T>& named, std::string_view what) {
  std::set<std::string_view> names;
  for (const auto& item : named)
    if (!names.insert(item.name).second)
      return fail(Errc::invalid, "{} \"{}\" at slot {} is defined twice", what, item.name, item.slot);
  return {};
}

}  // namespace

CodeBuilder& CodeBuilder::add(const Instruction& insn) {
  code_.insns.push_back(insn);
  if (is_wide(insn.op)) code_.insns.push_back({.op = Op::wide_tail});
  return *this;
}

CodeBuilder& CodeBuilder::add(const Symbolic& symbolic) {
  code_.references.push_back({code_.size(), symbolic.kind, symbolic.symbol});
  return add(symbolic.insn);
}

CodeBuilder& CodeBuilder::label(std::string_view name) {
  code_.labels.push_back({code_.size(), std::string(name)});
  return *this;
}

CodeBuilder& CodeBuilder::function(std::string_view name, std::uint32_t type_id) {
  if (code_.functions.empty() && code_.size() != 0) code_.functions.push_back({0, "", 0});
  code_.functions.push_back({code_.size(), std::string(name), type_id});
  return *this;
}

Result<Code> CodeBuilder::build() {
  auto code = std::exchange(code_, {});
  SKEP_TRY(no_duplicates(code.labels, "label"));
  SKEP_TRY(no_duplicates(code.functions, "function"));
  SKEP_TRY(code.resolve_labels());
  return code;
}

}  // namespace skep
