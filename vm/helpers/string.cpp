// Numbers from text (bpf_strtol, bpf_strtoul), and bpf_strncmp.
#include <algorithm>
#include <optional>

#include "skep/vm/helpers/support.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

constexpr std::size_t kWindow = 63;  // characters of a number that are looked at
constexpr U kBaseMask = 0x1f;        // BPF_STRTOX_BASE_MASK

// As the kernel's isspace, which is Latin-1.
bool is_space(unsigned char c) { return (c >= 9 && c <= 13) || c == ' ' || c == 0xa0; }

unsigned digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a' + 10) : 99;
}

struct Number {
  bool negative = false;
  U value = 0;
  std::int64_t consumed = 0;  // characters, or a negative errno
};

// `text` is what is left behind blanks and sign.
void parse_digits(std::string_view text, unsigned base, Number& number) {
  std::size_t at = 0;
  const auto is_x = [&](std::size_t i) { return i < text.size() && (text[i] | 0x20) == 'x'; };
  const bool zero = !text.empty() && text[0] == '0';
  if (base == 0) base = !zero ? 10 : is_x(1) && text.size() > 2 && digit(text[2]) < 16 ? 16 : 8;
  if (base == 16 && zero && is_x(1)) at = 2;
  const std::size_t first = at;
  bool overflow = false;
  for (; at < text.size() && digit(text[at]) < base; ++at) {
    U next = 0;
    overflow |= __builtin_mul_overflow(number.value, U{base}, &next);
    overflow |= __builtin_add_overflow(next, U{digit(text[at])}, &next);
    number.value = next;
  }
  if (overflow)
    number.consumed = -kERANGE;
  else if (at == first)
    number.consumed = -kEINVAL;
  else
    number.consumed += static_cast<std::int64_t>(at);
}

Number parse(Cpu& cpu, std::string_view name, U address, std::uint32_t size, U flags) {
  Number number;
  number.consumed = -kEINVAL;
  const U base = flags & kBaseMask;
  if (size == 0 || (base != 0 && base != 8 && base != 10 && base != 16) || (flags & ~kBaseMask) != 0) return number;
  cpu.charge(size / 8);
  const Memory& memory = cpu.machine().memory();
  const auto at = [&](std::uint32_t index) -> std::optional<char> {
    char c = 0;
    if (memory.copy_in(&c, address + index, 1)) return c;
    helper::bad_argument(cpu, name, fmt::format("{} unreadable bytes", size), address);
    return std::nullopt;
  };
  std::uint32_t index = 0;
  std::optional<char> c;
  for (; index < size; ++index) {
    if (!(c = at(index))) return number;
    if (!is_space(static_cast<unsigned char>(*c))) break;
  }
  number.negative = index < size && *c == '-';
  if (number.negative) ++index;
  if (index == size) return number;
  char text[kWindow];
  const std::size_t count = std::min(kWindow, std::size_t{size - index});
  if (!helper::read(cpu, name, address + index, text, count)) return number;
  number.consumed = index;
  parse_digits({text, count}, static_cast<unsigned>(base), number);
  return number;
}

U to_long(U text, U size, U flags, U result, U, Cpu& cpu) {
  Number number = parse(cpu, "strtol", text, low(size), flags);
  constexpr U kMostNegative = U{1} << 63;
  if (number.consumed >= 0 && number.value >= kMostNegative + (number.negative ? 1 : 0)) number.consumed = -kERANGE;
  const U value = number.consumed < 0 ? 0 : number.negative ? 0 - number.value : number.value;
  if (!cpu.stopped()) helper::write(cpu, "strtol", result, &value, sizeof value);
  return answer(number.consumed);
}

U to_unsigned(U text, U size, U flags, U result, U, Cpu& cpu) {
  Number number = parse(cpu, "strtoul", text, low(size), flags);
  if (number.negative) number.consumed = -kEINVAL;
  const U value = number.consumed < 0 ? 0 : number.value;
  if (!cpu.stopped()) helper::write(cpu, "strtoul", result, &value, sizeof value);
  return answer(number.consumed);
}

// -1, 0 or 1. The second string ends with a NUL, the first at `size` at the latest.
U compare(U first, U size, U second, U, U, Cpu& cpu) {
  cpu.charge(low(size) / 8);
  const Memory& memory = cpu.machine().memory();
  for (std::uint32_t i = 0; i < low(size); ++i) {
    unsigned char a = 0, b = 0;
    const bool readable = memory.copy_in(&a, first + i, 1);
    if (!readable || !memory.copy_in(&b, second + i, 1)) {
      helper::bad_argument(cpu, "strncmp", "an unreadable byte", (readable ? second : first) + i);
      return 0;
    }
    if (a != b) return answer(a < b ? -1 : 1);
    if (a == 0) return 0;
  }
  return 0;
}

}  // namespace

void register_string_helpers(HelperTable& table) {
  table.set(105, to_long);
  table.set(106, to_unsigned);
  table.set(182, compare);
}

}  // namespace skep::vm
