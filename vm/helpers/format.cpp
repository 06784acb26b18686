#include "skep/vm/helpers/format.hpp"

#include <algorithm>
#include <vector>

#include "skep/vm/map.hpp"

namespace skep::vm {
namespace {

constexpr std::size_t kArgumentRoom = 512;         // MAX_BPRINTF_BIN_ARGS
constexpr std::int64_t kMaxWidth = (1 << 23) - 1;  // FIELD_WIDTH_MAX

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_print(char c) { return c >= ' ' && c <= '~'; }
bool is_punct(char c) { return is_print(c) && c != ' ' && !is_alnum(c); }

// One conversion, its argument already copied.
struct Spec {
  enum class Kind : std::uint8_t { literal, character, number, string, pointer, inserted } kind{};
  bool zero = false, plus = false, left = false, space = false;
  std::int64_t width = -1;
  bool is_signed = false, upper = false;
  unsigned base = 10;
  std::uint64_t value = 0;
  std::string text;  // literal, string, inserted (text that was made when the argument was copied)
};

// --- First pass: the format is checked and arguments are copied. ---

class Parser {
 public:
  Parser(const Memory& memory, std::string_view format, std::span<const std::uint64_t> arguments)
      : memory_(memory), format_(format), arguments_(arguments) {}

  // 0 or a negative errno.
  int parse(std::vector<Spec>& specs) {
    while (!at_end()) {
      if (format_[at_] != '%') {
        if (const int wrong = literal(specs); wrong != 0) return wrong;
        continue;
      }
      ++at_;
      if (at_end()) return -kEINVAL;
      if (format_[at_] == '%') {
        ++at_;
        specs.push_back({.kind = Spec::Kind::literal, .text = "%"});
        continue;
      }
      Spec spec;
      if (const int wrong = conversion(spec); wrong != 0) return wrong;
      specs.push_back(std::move(spec));
    }
    return 0;
  }

 private:
  bool at_end() const { return at_ >= format_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < format_.size() ? format_[at_ + ahead] : '\0'; }

  int literal(std::vector<Spec>& specs) {
    const std::size_t begin = at_;
    for (; !at_end() && format_[at_] != '%'; ++at_) {
      const char c = format_[at_];
      const bool ascii = static_cast<unsigned char>(c) < 0x80;
      if (ascii && !is_print(c) && !is_space(c)) return -kEINVAL;
    }
    specs.push_back({.kind = Spec::Kind::literal, .text = std::string(format_.substr(begin, at_ - begin))});
    return 0;
  }

  int conversion(Spec& spec) {
    if (next_ >= arguments_.size()) return -kEINVAL;
    for (;; ++at_) {
      if (peek() == '0')
        spec.zero = true;
      else if (peek() == '+')
        spec.plus = true;
      else if (peek() == '-')
        spec.left = true;
      else if (peek() == ' ')
        spec.space = true;
      else
        break;
    }
    if (is_digit(peek()))
      for (spec.width = 0; is_digit(peek()); ++at_) spec.width = std::min(spec.width * 10 + (peek() - '0'), kMaxWidth);
    switch (peek()) {
      case 'p': return pointer(spec);
      case 's': return string(spec);
      case 'c': return character(spec);
      default: return number(spec);
    }
  }

  std::uint64_t argument() { return arguments_[next_++]; }

  bool take_room(std::size_t size, std::size_t alignment = 1) {
    used_ = (used_ + alignment - 1) / alignment * alignment;
    if (used_ + size > kArgumentRoom) return false;
    used_ += size;
    return true;
  }

  int character(Spec& spec) {
    ++at_;
    if (!take_room(1)) return -kENOSPC;
    spec.kind = Spec::Kind::character;
    spec.value = argument() & 0xff;
    return 0;
  }

  int number(Spec& spec) {
    int longs = 0;
    for (; peek() == 'l' && longs < 2; ++at_) ++longs;
    spec.kind = Spec::Kind::number;
    switch (peek()) {
      case 'd':
      case 'i': spec.is_signed = true; break;
      case 'u': break;
      case 'X': spec.upper = true; [[fallthrough]];
      case 'x': spec.base = 16; break;
      default: return -kEINVAL;
    }
    ++at_;
    if (!take_room(longs == 0 ? 4 : 8, 4)) return -kENOSPC;
    spec.value = argument();
    if (longs != 0) return 0;
    const auto half = static_cast<std::uint32_t>(spec.value);
    spec.value = spec.is_signed ? static_cast<std::uint64_t>(static_cast<std::int32_t>(half)) : half;
    return 0;
  }

  // `s` itself, and the last letter of %pks and %pus.
  int string(Spec& spec) {
    ++at_;
    if (!at_end() && !is_space(peek()) && !is_punct(peek())) return -kEINVAL;
    spec.kind = Spec::Kind::string;
    if (used_ == kArgumentRoom) return -kENOSPC;
    spec.text = copy_string(argument(), kArgumentRoom - used_);
    used_ += spec.text.size() + 1;
    return 0;
  }

  // Cut to fit into `room` with its NUL; empty if it cannot be read.
  std::string copy_string(std::uint64_t address, std::size_t room) const {
    std::string text;
    for (; text.size() + 1 < room; ++address) {
      char c = 0;
      if (!memory_.copy_in(&c, address, 1)) return {};
      if (c == '\0') break;
      text += c;
    }
    return text;
  }

  int pointer(Spec& spec) {
    ++at_;
    const char kind = peek();
    if ((kind == 'k' || kind == 'u') && peek(1) == 's') {
      ++at_;
      const int wrong = string(spec);
      spec.kind = Spec::Kind::inserted;
      return wrong;
    }
    if (at_end() || is_space(kind) || is_punct(kind)) return plain_pointer(spec, 'p');
    if (kind == 'K' || kind == 'x' || kind == 's' || kind == 'S') return plain_pointer(spec, kind);
    if (kind == 'B') {
      skip_tail();
      spec.kind = Spec::Kind::inserted;
      spec.text = fmt::format("{:#x}", argument());
      used_ = std::min(kArgumentRoom, used_ + spec.text.size() + 1);
      return 0;
    }
    if ((kind == 'i' || kind == 'I') && (peek(1) == '4' || peek(1) == '6')) return ip_address(spec, kind, peek(1));
    return -kEINVAL;
  }

  int plain_pointer(Spec& spec, char kind) {
    skip_tail();
    if (!take_room(8, 4)) return -kENOSPC;
    spec.value = argument();
    if (kind == 's' || kind == 'S') {
      spec.kind = Spec::Kind::string;
      spec.text = fmt::format("{:#x}", spec.value);
      return 0;
    }
    spec.kind = Spec::Kind::pointer;
    return 0;
  }

  int ip_address(Spec& spec, char kind, char version) {
    std::uint8_t address[16]{};
    const std::size_t size = version == '4' ? 4 : 16;
    if (kArgumentRoom - used_ < size) return -kENOSPC;
    if (!memory_.copy_in(address, argument(), size)) std::fill(std::begin(address), std::end(address), std::uint8_t{0});
    skip_tail();
    spec.kind = Spec::Kind::inserted;
    for (std::size_t i = 0; i < size; ++i) {
      if (version == '4')
        spec.text += fmt::format("{}{:0{}}", i == 0 ? "" : ".", address[i], kind == 'i' ? 3 : 1);
      else
        spec.text += fmt::format("{}{:02x}", kind == 'I' && i != 0 && i % 2 == 0 ? ":" : "", address[i]);
    }
    used_ = std::min(kArgumentRoom, used_ + spec.text.size() + 1);
    return 0;
  }

  void skip_tail() {
    while (is_alnum(peek())) ++at_;
  }

  const Memory& memory_;
  std::string_view format_;
  std::span<const std::uint64_t> arguments_;
  std::size_t at_ = 0, next_ = 0, used_ = 0;
};

// --- Second pass: text. Everything counts, as much as there is room for is kept. ---

class Printer {
 public:
  Printer(std::size_t room, std::string& text) : room_(room), text_(text) {}

  std::int64_t length() const { return length_; }

  void print(const Spec& spec) {
    switch (spec.kind) {
      case Spec::Kind::literal: return put(spec.text);
      case Spec::Kind::string: return padded(spec.text, spec);
      case Spec::Kind::character: {
        const char c = static_cast<char>(spec.value);
        return padded({&c, 1}, spec);
      }
      // The kernel forgets to count these when the buffer is full already.
      case Spec::Kind::inserted: return length_ < static_cast<std::int64_t>(room_) ? put(spec.text) : void();
      case Spec::Kind::number: return number(spec);
      case Spec::Kind::pointer: return pointer(spec);
    }
  }

 private:
  void put(std::string_view piece) {
    const std::size_t kept = std::min(piece.size(), room_ - std::min(room_, text_.size()));
    text_.append(piece.substr(0, kept));
    length_ += static_cast<std::int64_t>(piece.size());
  }

  void fill(char c, std::int64_t count) {
    if (count <= 0) return;
    text_.append(std::min(static_cast<std::size_t>(count), room_ - std::min(room_, text_.size())), c);
    length_ += count;
  }

  void padded(std::string_view piece, const Spec& spec) {
    const auto rest = spec.width - static_cast<std::int64_t>(piece.size());
    if (!spec.left) fill(' ', rest);
    put(piece);
    if (spec.left) fill(' ', rest);
  }

  void number(const Spec& spec) {
    const bool negative = spec.is_signed && static_cast<std::int64_t>(spec.value) < 0;
    const std::string digits = spec.base == 10 ? fmt::format("{}", negative ? 0 - spec.value : spec.value)
                               : spec.upper    ? fmt::format("{:X}", spec.value)
                                               : fmt::format("{:x}", spec.value);
    const std::string_view sign = !spec.is_signed ? "" : negative ? "-" : spec.plus ? "+" : spec.space ? " " : "";
    const auto rest = spec.width - static_cast<std::int64_t>(sign.size() + digits.size());
    const bool zeroes = spec.zero && !spec.left;
    if (!zeroes && !spec.left) fill(' ', rest);
    put(sign);
    if (zeroes) fill('0', rest);
    put(digits);
    if (spec.left) fill(' ', rest);
  }

  void pointer(Spec spec) {
    if (spec.width < 0) {
      spec.width = 16;
      spec.zero = true;
    }
    spec.base = 16;
    number(spec);
  }

  std::size_t room_;
  std::string& text_;
  std::int64_t length_ = 0;
};

}  // namespace

std::int64_t format(const Memory& memory, std::string_view format, std::span<const std::uint64_t> arguments,
                    std::size_t room, std::string& text) {
  std::vector<Spec> specs;
  if (const int wrong = Parser(memory, format, arguments).parse(specs); wrong != 0) return wrong;
  Printer printer(room, text);
  for (const Spec& spec : specs) printer.print(spec);
  return printer.length();
}

}  // namespace skep::vm
