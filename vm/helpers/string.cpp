// Numbers from text (bpf_strtol, bpf_strtoul), and bpf_strncmp.
#include <algorithm>
#include <cstring>
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

struct Character {
  std::uint32_t index;
  char c;  // NUL at the end
};

// The first character that is no blank; nothing after a fault.
std::optional<Character> behind_blanks(Cpu& cpu, std::string_view name, U address, std::uint32_t size) {
  char piece[256];
  cpu.charge(helper::work::kText);
  for (std::uint32_t done = 0; done < size;) {
    const std::size_t count = std::min(done == 0 ? std::size_t{16} : sizeof piece, std::size_t{size - done});
    const std::size_t read = cpu.machine().memory().copy_string(piece, address + done, count);
    cpu.charge(read / 4);
    for (std::size_t i = 0; i < read; ++i)
      if (!is_space(static_cast<unsigned char>(piece[i])))
        return Character{done + static_cast<std::uint32_t>(i), piece[i]};
    if (read < count) {
      helper::bad_argument(cpu, name, fmt::format("{} unreadable bytes", size), address);
      return std::nullopt;
    }
    done += static_cast<std::uint32_t>(count);
  }
  return Character{size, '\0'};
}

Number parse(Cpu& cpu, std::string_view name, U address, std::uint32_t size, U flags) {
  Number number;
  number.consumed = -kEINVAL;
  const U base = flags & kBaseMask;
  if (size == 0 || (base != 0 && base != 8 && base != 10 && base != 16) || (flags & ~kBaseMask) != 0) return number;
  const auto sign = behind_blanks(cpu, name, address, size);
  if (!sign) return number;
  std::uint32_t index = sign->index;
  number.negative = sign->c == '-';
  if (number.negative) ++index;
  if (index == size) return number;
  char text[kWindow];
  const std::size_t count = std::min(kWindow, std::size_t{size - index});
  cpu.charge(count / 4);
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
  const Memory& memory = cpu.machine().memory();
  char a[256], b[256];
  cpu.charge(helper::work::kText);
  for (U done = 0; done < low(size);) {
    const std::size_t count = std::min(done == 0 ? std::size_t{16} : sizeof a, std::size_t{low(size) - done});
    const std::size_t in_first = memory.copy_string(a, first + done, count),
                      in_second = memory.copy_string(b, second + done, count);
    const std::size_t both = std::min({in_first, in_second, count});
    cpu.charge(both / 4);
    if (const int order = std::memcmp(a, b, both); order != 0) return answer(order < 0 ? -1 : 1);
    if (both != 0 && a[both - 1] == '\0') return 0;
    if (both < count) {
      helper::bad_argument(cpu, "strncmp", "an unreadable byte", (in_first == both ? first : second) + done + both);
      return 0;
    }
    done += count;
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
