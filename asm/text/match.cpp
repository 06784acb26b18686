#include "skep/asm/text/match.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "skep/asm/helpers.hpp"
#include "skep/asm/text/name.hpp"
#include "skep/asm/text/number.hpp"
#include "skep/asm/text/syntax.hpp"

namespace skep::text {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return continues_name(c) && c != '.' && c != '$'; }

// The failure that got furthest over all rules, and what would have been welcome there.
class Furthest {
 public:
  void note(std::size_t at, std::string_view expected) {
    if (at < at_) return;
    if (at > at_) expected_.clear();
    at_ = at;
    if (std::find(expected_.begin(), expected_.end(), expected) == expected_.end()) expected_.push_back(expected);
  }

  // "expected a, b or c, found 'x'"
  Mismatch report(std::string_view line) const {
    constexpr std::size_t kShown = 6;
    std::string list;
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      if (i == kShown) {
        list += ", …";
        break;
      }
      list += i == 0 ? "" : i + 1 == expected_.size() ? " or " : ", ";
      list += expected_[i];
    }
    auto found = line.substr(at_);
    std::size_t size = 0;
    while (size < found.size() && size < 20 && is_word(found[size])) ++size;
    found = found.substr(0, std::max<std::size_t>(size, found.empty() ? 0 : 1));
    const auto shown = found.empty()  ? "the end of the line"
                       : found == "'" ? "\"'\""
                                      : fmt::format("'{}'", printable(found));
    return {at_, fmt::format("expected {}, found {}", list, shown)};
  }

 private:
  static std::string printable(std::string_view text) {
    std::string shown;
    for (const char c : text)
      shown += c >= 0x20 && c < 0x7f ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    return shown;
  }

  std::size_t at_ = 0;
  std::vector<std::string_view> expected_;
};

// One rule held against the line. Every read function leaves `at_` behind what it read, or notes what it missed.
class Reader {
 public:
  Reader(std::string_view line, Dialect dialect, Furthest& furthest)
      : line_(line), dialect_(dialect), furthest_(furthest) {}

  bool read(const Rule& rule) {
    result_.insn.op = rule.op;
    result_.kind = rule.kind;
    result_.bare = rule.bare;
    for (const auto& element : rule.elements)
      if (!read(element)) return false;
    skip_space();
    return at_ == line_.size() || miss("the end of the line");
  }
  Matched take() { return std::move(result_); }

 private:
  bool miss(std::string_view expected) {
    furthest_.note(at_, expected);
    return false;
  }
  void skip_space() {
    while (at_ < line_.size() && is_space(line_[at_])) ++at_;
  }
  char peek() const { return at_ < line_.size() ? line_[at_] : '\0'; }
  bool accept(char c) {
    skip_space();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  bool read(const Element& element) {
    skip_space();
    auto& insn = result_.insn;
    switch (element.piece) {
      case Piece::literal: return read_literal(element);
      case Piece::dst: return read_register("r", insn.dst, dst_known_) || miss(element.expected);
      case Piece::src: return read_register("r", insn.src, src_known_) || miss(element.expected);
      case Piece::dst_narrow: return read_register("w", insn.dst, dst_known_) || miss(element.expected);
      case Piece::src_narrow: return read_register("w", insn.src, src_known_) || miss(element.expected);
      case Piece::dst_any: return read_register("wr", insn.dst, dst_known_) || miss(element.expected);
      case Piece::src_any: return read_register("wr", insn.src, src_known_) || miss(element.expected);
      case Piece::imm: return read_imm32(insn.imm, element.expected);
      case Piece::imm64: return read_imm64(insn.imm, element.expected);
      case Piece::imm_index: return read_sign() ? read_imm32(insn.imm, element.expected) : true;
      case Piece::imm_to: case Piece::imm_from: return read_half(element);
      case Piece::selector: return read_selector(element);
      case Piece::low: return read_low(element);
      case Piece::high_offset: return read_high(element);
      case Piece::off: return read_sign() ? read_off(element.expected) : true;
      case Piece::jump16: return read_name(Reference::Kind::label) || (read_off(element.expected) && skip_target());
      case Piece::jump32:
        return read_name(Reference::Kind::label) || (read_imm32(insn.imm, element.expected) && skip_target());
      case Piece::distance: return read_imm32(insn.imm, element.expected);
      case Piece::helper: return read_helper(element);
      case Piece::module: return accept(',') ? read_off(element.expected) : true;
      case Piece::symbol: return read_name(result_.kind) || miss(element.expected);
    }
    return false;
  }

  bool read_literal(const Element& element) {
    const std::string_view text = element.text;
    const bool found = line_.substr(at_, text.size()) == text;
    const auto end = at_ + text.size();
    if (!found || (is_word(text.back()) && end < line_.size() && is_word(line_[end]))) return miss(element.expected);
    at_ = end;
    return true;
  }

  // "r10", "%r10" in the mnemonic dialect; the second time a register stands in a rule it must be the same.
  bool read_register(std::string_view letters, Reg& reg, bool& known) {
    auto i = at_;
    if (dialect_ == Dialect::mnemonic && i < line_.size() && line_[i] == '%') ++i;
    if (i >= line_.size() || letters.find(line_[i]) == letters.npos) return false;
    ++i;
    unsigned value = 0;
    const auto first = i;
    while (i < line_.size() && is_digit(line_[i]) && i < first + 2)
      value = value * 10 + static_cast<unsigned>(line_[i++] - '0');
    if (i == first || (line_[first] == '0' && i > first + 1) || value >= kRegCount ||
        (i < line_.size() && is_word(line_[i])))
      return false;
    if (known && reg != static_cast<Reg>(value)) return miss("the same register as before");
    reg = static_cast<Reg>(value);
    known = true;
    at_ = i;
    return true;
  }

  // A sign ahead, left for read_number.
  bool read_sign() {
    skip_space();
    return peek() == '+' || peek() == '-';
  }

  std::optional<ReadNumber> read_number() {
    const auto number = text::read_number(line_.substr(at_));
    if (number) at_ += number->size;
    return number;
  }

  // A number between -2^(bits-1) and `max`; what is above is noted behind the number, so that it outweighs other rules.
  std::optional<std::int64_t> read_between(unsigned bits, std::uint64_t max, std::string_view expected,
                                           std::string_view range) {
    skip_space();
    const auto number = read_number();
    if (!number) {
      miss(expected);
      return std::nullopt;
    }
    const auto limit = number->negative ? std::uint64_t{1} << (bits - 1) : max;
    if (number->too_large || number->magnitude > limit) {
      miss(range);
      return std::nullopt;
    }
    return static_cast<std::int64_t>(number->negative ? 0 - number->magnitude : number->magnitude);
  }

  bool read_imm32(std::int64_t& imm, std::string_view expected) {
    const auto value =
        read_between(32, std::numeric_limits<std::uint32_t>::max(), expected, "a number of 32 bits before this");
    if (value) imm = static_cast<std::int32_t>(*value);
    return value.has_value();
  }
  bool read_imm64(std::int64_t& imm, std::string_view expected) {
    const auto value =
        read_between(64, std::numeric_limits<std::uint64_t>::max(), expected, "a number of 64 bits before this");
    if (value) imm = *value;
    return value.has_value();
  }
  bool read_off(std::string_view expected) {
    const auto value =
        read_between(16, std::numeric_limits<std::int16_t>::max(), expected, "an offset of 16 bits before this");
    if (value) result_.insn.off = static_cast<std::int16_t>(*value);
    return value.has_value();
  }
  bool read_half(const Element& element) {
    const auto value = read_between(16, 0xffff, element.expected, "a number of 16 bits before this");
    if (!value) return false;
    const auto half = static_cast<std::uint32_t>(*value) & 0xffff;
    const auto imm = static_cast<std::uint32_t>(result_.insn.imm);
    result_.insn.imm = static_cast<std::int32_t>(element.piece == Piece::imm_to ? (imm & 0xffff) | half << 16
                                                                                : (imm & 0xffff0000) | half);
    return true;
  }
  bool read_selector(const Element& element) {
    const auto start = at_;
    const auto number = read_number();
    if (number && !number->negative && !number->too_large &&
        number->magnitude == static_cast<std::uint64_t>(info(result_.insn.op).src))
      return true;
    at_ = start;
    return miss(element.expected);
  }
  bool read_low(const Element& element) {
    std::int64_t low = 0;
    if (!read_imm32(low, element.expected)) return false;
    result_.insn.imm = imm_pair(static_cast<std::uint32_t>(low), imm_high(result_.insn));
    return true;
  }
  bool read_high(const Element& element) {
    std::int64_t high = 0;
    if (!read_sign()) return true;
    if (!read_imm32(high, element.expected)) return false;
    result_.insn.imm = imm_pair(imm_low(result_.insn), static_cast<std::uint32_t>(high));
    return true;
  }

  // llvm-objdump writes the place behind the distance: goto +0x3 <f+0x20>
  bool skip_target() {
    skip_space();
    if (dialect_ != Dialect::llvm || peek() != '<') return true;
    const auto end = line_.find('>', at_);
    if (end == line_.npos) return miss("'>'");
    at_ = end + 1;
    return true;
  }

  bool read_name(std::optional<Reference::Kind> kind) {
    const auto name = text::read_name(line_.substr(at_));
    if (!name) return false;
    result_.kind = kind;
    result_.symbol = name->name;
    at_ += name->size;
    return true;
  }

  // By name in the mnemonic dialect; in LLVM's a name may be a function's, which the caller sorts out.
  bool read_helper(const Element& element) {
    const auto name = dialect_ == Dialect::mnemonic ? text::read_name(line_.substr(at_)) : std::nullopt;
    if (!name) return read_imm32(result_.insn.imm, element.expected);
    const auto id = helper_id(name->name);
    if (!id) return miss(element.expected);
    result_.insn.imm = *id;
    at_ += name->size;
    return true;
  }

  std::string_view line_;
  Dialect dialect_;
  Furthest& furthest_;
  Matched result_;
  std::size_t at_ = 0;
  bool dst_known_ = false, src_known_ = false;
};

}  // namespace

std::optional<Matched> match(std::string_view line, Dialect dialect, Mismatch& reason) {
  Furthest furthest;
  for (const auto& rule : all_rules(dialect)) {
    if (rule.elements.empty()) continue;
    Reader reader(line, dialect, furthest);
    if (reader.read(rule)) return reader.take();
  }
  reason = furthest.report(line);
  return std::nullopt;
}

}  // namespace skep::text
