// Keywords: C17 §6.4.1, and what clang adds for GNU C and for the BPF target.
#include "skep/btf/c_words.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace skep::btf::detail {
namespace {

// Sorted, for the search.
constexpr std::array<std::string_view, 76> kKeywords = {
    "_Alignas",       "_Alignof",      "_Atomic",       "_BitInt",       "_Bool",           "_Complex",
    "_Float16",       "_Generic",      "_Imaginary",    "_Noreturn",     "_Static_assert",  "_Thread_local",
    "__PRETTY_FUNCTION__", "__alignof", "__alignof__",  "__asm",         "__asm__",         "__attribute",
    "__attribute__",  "__auto_type",   "__bf16",        "__complex",     "__complex__",     "__const",
    "__const__",      "__extension__", "__func__",      "__imag",        "__imag__",        "__inline",
    "__inline__",     "__int128",      "__label__",     "__real",        "__real__",        "__restrict",
    "__restrict__",   "__signed",      "__signed__",    "__thread",      "__typeof",        "__typeof__",
    "__volatile",     "__volatile__",  "asm",           "auto",          "break",           "case",
    "char",           "const",         "continue",      "default",       "do",              "double",
    "else",           "enum",          "extern",        "float",         "for",             "goto",
    "if",             "inline",        "int",           "long",          "register",        "restrict",
    "return",         "short",         "signed",        "sizeof",        "static",          "struct",
    "switch",         "typedef",       "typeof",        "union",
};
constexpr std::array<std::string_view, 4> kMoreKeywords = {"unsigned", "void", "volatile", "while"};
static_assert(std::ranges::is_sorted(kKeywords) && std::ranges::is_sorted(kMoreKeywords));
static_assert(kKeywords.back() < kMoreKeywords.front());

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Of what length keywords are that begin with a character: few names get beyond this.
constexpr auto kLengths = [] {
  std::array<std::uint32_t, 128> lengths{};
  const auto add = [&](std::string_view word) { lengths[static_cast<std::size_t>(word.front())] |= 1u << word.size(); };
  for (const auto word : kKeywords) add(word);
  for (const auto word : kMoreKeywords) add(word);
  return lengths;
}();

// `name`: letters, digits and '_', at least one.
bool is_keyword(std::string_view name) {
  if (name.size() > 31 || (kLengths[static_cast<std::size_t>(name.front())] >> name.size() & 1) == 0) return false;
  return std::ranges::binary_search(kKeywords, name) || std::ranges::binary_search(kMoreKeywords, name);
}

}  // namespace

bool is_c_identifier(std::string_view name) {
  if (name.empty() || is_digit(name.front())) return false;
  return std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); }) && !is_keyword(name);
}

std::string to_c_identifier(std::string_view name) {
  std::string out(name);
  for (auto& c : out)
    if (!is_letter(c) && !is_digit(c)) c = '_';
  if (out.empty() || is_digit(out.front())) out.insert(out.begin(), '_');
  if (is_keyword(out)) out += '_';
  return out;
}

std::string to_c_string(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c < ' ' || c > '~' ? '_' : c;  // attributes take no numeric escapes
  }
  return out;
}

std::string_view CNames::identifier(std::string_view name) {
  return is_c_identifier(name) ? name : made_.emplace_back(to_c_identifier(name));
}

std::string_view CNames::next(std::string_view name) {
  auto& number = last_.try_emplace(name, 1).first->second;
  return made_.emplace_back(fmt::format("{}___{}", name, ++number));
}

std::string_view CNames::ordinary(std::string_view name) {
  name = identifier(name);
  auto candidate = name;
  while (!ordinary_.try_emplace(candidate).second) candidate = next(name);
  return candidate;
}

std::string_view CNames::tag(std::string_view name, Kind kind, bool is_definition) {
  name = identifier(name);
  for (auto candidate = name;; candidate = next(name)) {
    const auto [entry, is_new] = tags_.try_emplace(candidate, Tag{kind, is_definition});
    auto& tag = entry->second;
    if (is_new) return candidate;
    if (tag.kind != kind || (is_definition && tag.is_defined)) continue;
    tag.is_defined |= is_definition;
    return candidate;
  }
}

bool MemberNames::put(std::uint64_t hash) {
  for (auto at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
    auto& slot = slots_[at];
    if (slot.epoch != epoch_) {
      slot = {hash, epoch_};
      ++used_;
      return true;
    }
    if (slot.hash == hash) return false;
  }
}

bool MemberNames::add(std::uint32_t scope, std::string_view name) {
  if (used_ * 2 >= slots_.size()) {
    auto old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 4));
    used_ = 0;
    for (const auto& slot : old)
      if (slot.epoch == epoch_) put(slot.hash);
  }
  return put(std::hash<std::string_view>{}(name) + scope * 0x9e3779b97f4a7c15u);
}

}  // namespace skep::btf::detail
