#include "skep/vm/helpers/format.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "skep/vm/helpers/support.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

constexpr std::size_t kArgumentRoom = 512;         // MAX_BPRINTF_BIN_ARGS
constexpr std::int64_t kMaxWidth = (1 << 23) - 1;  // FIELD_WIDTH_MAX

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_print(char c) { return c >= ' ' && c <= '~'; }
bool is_punct(char c) { return is_print(c) && c != ' ' && !is_alnum(c); }

// What may stand in a format outside of conversions and does not begin one.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (int c = ' '; c < 256; ++c) plain[static_cast<std::size_t>(c)] = c != '%' && c != 0x7f;
  for (int c = '\t'; c <= '\r'; ++c) plain[static_cast<std::size_t>(c)] = true;
  return plain;
}();

// One piece of the output, its argument already copied.
struct Spec {
  enum class Kind : std::uint8_t { literal, character, number, string, pointer, inserted } kind{};
  bool zero = false, plus = false, left = false, space = false;
  std::int64_t width = -1;
  bool is_signed = false, upper = false;
  unsigned base = 10;
  std::uint64_t value = 0;
  std::string_view text;  // literal, string, inserted (text that was made when the argument was copied)
};

// --- Text: everything counts, as much as there is room for is kept. ---

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
    char room[20];
    char* const end = spec.base == 10 ? fmt::format_to(room, "{}", negative ? 0 - spec.value : spec.value)
                      : spec.upper    ? fmt::format_to(room, "{:X}", spec.value)
                                      : fmt::format_to(room, "{:x}", spec.value);
    const std::string_view digits(room, static_cast<std::size_t>(end - room));
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

// --- The format, piece by piece: checked, its argument copied, and printed. ---

class Parser {
 public:
  Parser(Cpu& cpu, std::string_view format, std::span<const std::uint64_t> arguments, Printer& printer)
      : cpu_(cpu), format_(format), arguments_(arguments), printer_(printer) {}

  // 0 or a negative errno.
  int print() {
    cpu_.charge(helper::work::kFormat + format_.size());
    while (!at_end()) {
      Spec spec;
      if (format_[at_] != '%')
        spec.text = literal();
      else if (++at_; !at_end() && format_[at_] == '%')
        spec.text = format_.substr(at_++, 1);
      else if (const int wrong = conversion(spec); wrong != 0)
        return wrong;
      if (spec.text.empty() && spec.kind == Spec::Kind::literal) return -kEINVAL;
      printer_.print(spec);
    }
    return 0;
  }

 private:
  bool at_end() const { return at_ >= format_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < format_.size() ? format_[at_ + ahead] : '\0'; }

  // Plain characters; none if the next one may not stand in a format.
  std::string_view literal() {
    const std::size_t begin = at_;
    while (!at_end() && kPlain[static_cast<unsigned char>(format_[at_])]) ++at_;
    return format_.substr(begin, at_ - begin);
  }

  int conversion(Spec& spec) {
    cpu_.charge(helper::work::kConversion);
    if (at_end() || next_ >= arguments_.size()) return -kEINVAL;
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
  std::string_view copy_string(std::uint64_t address, std::size_t room) {
    const std::size_t count = cpu_.machine().memory().copy_string(text_, address, room - 1);
    cpu_.charge(count / 4);
    if (count != 0 && text_[count - 1] == '\0') return {text_, count - 1};
    if (count == room - 1) return {text_, count};
    cpu_.charge(helper::work::kUnmapped);
    return {};
  }

  // "0x…", for pointers that have no symbol.
  std::string_view address_text(std::uint64_t address) {
    return {text_, static_cast<std::size_t>(fmt::format_to(text_, "{:#x}", address) - text_)};
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
      spec.text = address_text(argument());
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
      spec.text = address_text(spec.value);
      return 0;
    }
    spec.kind = Spec::Kind::pointer;
    return 0;
  }

  int ip_address(Spec& spec, char kind, char version) {
    std::uint8_t address[16]{};
    const std::size_t size = version == '4' ? 4 : 16;
    if (kArgumentRoom - used_ < size) return -kENOSPC;
    if (!cpu_.machine().memory().copy_in(address, argument(), size)) {
      cpu_.charge(helper::work::kUnmapped);
      std::ranges::fill(address, std::uint8_t{0});
    }
    skip_tail();
    spec.kind = Spec::Kind::inserted;
    spec.text = version == '4' ? ipv4_text(address, kind == 'i') : ipv6_text(address, kind == 'I');
    used_ = std::min(kArgumentRoom, used_ + spec.text.size() + 1);
    return 0;
  }

  // 10.0.0.1, or 010.000.000.001.
  std::string_view ipv4_text(const std::uint8_t* address, bool padded) {
    char* end = text_;
    for (std::size_t i = 0; i < 4; ++i) {
      if (i != 0) *end++ = '.';
      end = padded ? fmt::format_to(end, "{:03}", address[i]) : fmt::format_to(end, "{}", address[i]);
    }
    return {text_, static_cast<std::size_t>(end - text_)};
  }

  // All 32 digits, with or without colons.
  std::string_view ipv6_text(const std::uint8_t* address, bool colons) {
    static constexpr char kDigits[] = "0123456789abcdef";
    char* to = text_;
    for (std::size_t i = 0; i < 16; ++i) {
      if (colons && i != 0 && i % 2 == 0) *to++ = ':';
      *to++ = kDigits[address[i] >> 4];
      *to++ = kDigits[address[i] & 15];
    }
    return {text_, static_cast<std::size_t>(to - text_)};
  }

  void skip_tail() {
    while (is_alnum(peek())) ++at_;
  }

  Cpu& cpu_;
  std::string_view format_;
  std::span<const std::uint64_t> arguments_;
  Printer& printer_;
  char text_[kArgumentRoom];  // of the current argument
  std::size_t at_ = 0, next_ = 0, used_ = 0;
};

}  // namespace

std::int64_t format(Cpu& cpu, std::string_view format, std::span<const std::uint64_t> arguments, std::size_t room,
                    std::string& text) {
  Printer printer(room, text);
  const int wrong = Parser(cpu, format, arguments, printer).print();
  cpu.charge(text.size() / 4);
  return wrong != 0 ? wrong : printer.length();
}

}  // namespace skep::vm
