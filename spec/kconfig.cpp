// Which types there are was checked when the object was read (elf/load_externs.cpp).
#include "skep/spec/kconfig.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace skep::spec {
namespace {

enum class Shape { boolean, tristate, character, integer, text };

struct Target {
  Shape shape;
  std::uint32_t size;  // bytes
  bool is_signed = false;
};

Result<Target> target_of(const btf::Btf& types, btf::TypeId id, std::uint32_t size) {
  const auto stripped = SKEP_TRY(types.strip(id));
  const auto type = SKEP_TRY(types.type(stripped));
  if (const auto* integer = std::get_if<btf::Int>(&type)) {
    if (integer->is_bool) return Target{Shape::boolean, size};
    return Target{integer->size == 1 ? Shape::character : Shape::integer, size, integer->is_signed};
  }
  if (std::holds_alternative<btf::Enum>(type)) return Target{Shape::tristate, size};
  if (std::holds_alternative<btf::Array>(type)) return Target{Shape::text, size};
  return fail(Errc::invalid, "{} takes no configuration", types.describe(id));
}

std::string_view words(Shape shape) {
  switch (shape) {
    case Shape::boolean: return "a bool";
    case Shape::tristate: return "a tristate";
    case Shape::character: return "a char";
    case Shape::integer: return "an integer";
    case Shape::text: return "an array of char";
  }
  return "";
}

std::vector<std::byte> bytes_of(std::uint64_t value, std::uint32_t size, ByteOrder order) {
  std::vector<std::byte> bytes(size);
  for (std::uint32_t i = 0; i < size && i < 8; ++i)
    bytes[order == ByteOrder::little ? i : size - 1 - i] = std::byte(value >> (8 * i) & 0xff);
  return bytes;
}

Result<std::vector<std::byte>> from_letter(const Target& to, char letter, ByteOrder order) {
  if (to.shape == Shape::boolean && letter != 'm') return bytes_of(letter == 'y', to.size, order);
  // enum libbpf_tristate: TRI_NO 0, TRI_YES 1, TRI_MODULE 2.
  if (to.shape == Shape::tristate) return bytes_of(letter == 'm' ? 2 : letter == 'y', to.size, order);
  if (to.shape == Shape::character) return bytes_of(static_cast<unsigned char>(letter), to.size, order);
  return fail(Errc::invalid, "{} cannot be {}", words(to.shape), letter);
}

Result<std::vector<std::byte>> from_quoted(const Target& to, std::string_view text) {
  if (to.shape != Shape::text) return fail(Errc::invalid, "{} cannot be {}", words(to.shape), text);
  // libbpf takes a lone quote for both ends, and copies what lies behind it in memory.
  if (text.size() < 2 || text.back() != '"') return fail(Errc::invalid, "{} has no quote at its end", text);
  text = text.substr(1, text.size() - 2);
  std::vector<std::byte> bytes(to.size);
  std::ranges::copy(as_bytes(text.substr(0, to.size - 1)), bytes.begin());
  return bytes;
}

// strtoull with base 0: white space, a sign, 0x for hexadecimal, 0 for octal; all of the text.
std::optional<std::uint64_t> number_of(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 2 && (text.starts_with("0x") || text.starts_with("0X"))) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.starts_with('0')) {
    base = 8;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return negative ? 0 - value : value;
}

bool fits(const Target& to, std::uint64_t value) {
  if (to.size >= 8) return true;
  const unsigned bits = 8 * to.size;
  if (to.is_signed) return value + (std::uint64_t{1} << (bits - 1)) < std::uint64_t{1} << bits;
  return value >> bits == 0;
}

Result<std::vector<std::byte>> from_number(const Target& to, std::uint64_t value, ByteOrder order) {
  if (!fits(to, value))
    return fail(Errc::invalid, "{} does not fit {} of {} bytes", value, to.is_signed ? "a signed integer" : "an integer",
                to.size);
  return bytes_of(value, to.size, order);
}

}  // namespace

Result<> read_kconfig(std::string_view text, Kconfig& values) {
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.starts_with("CONFIG_")) continue;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return fail(Errc::malformed, "line {}: \"{}\" has no \"=\"", number, line.substr(0, 80));
    if (equals + 1 == line.size()) return fail(Errc::malformed, "line {}: \"{}\" has no value", number, line.substr(0, 80));
    values.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return {};
}

Result<std::vector<std::byte>> kconfig_bytes(const btf::Btf& types, btf::TypeId type, std::uint32_t size,
                                             std::string_view text, ByteOrder order) {
  const auto to = SKEP_TRY(target_of(types, type, size));
  // As libbpf, the first letter decides.
  if (text.starts_with('y') || text.starts_with('n') || text.starts_with('m'))
    return from_letter(to, text.front(), order);
  if (text.starts_with('"')) return from_quoted(to, text);
  const auto value = number_of(text);
  if (!value) return fail(Errc::invalid, "{} is neither y, n, m, a \"text\" nor a number", text);
  if (to.shape != Shape::integer && to.shape != Shape::character)
    return fail(Errc::invalid, "{} cannot be {}", words(to.shape), text);
  return from_number(to, *value, order);
}

Result<std::vector<std::byte>> kconfig_bytes(const btf::Btf& types, btf::TypeId type, std::uint32_t size,
                                             std::uint64_t value, ByteOrder order) {
  const auto to = SKEP_TRY(target_of(types, type, size));
  if (to.shape == Shape::boolean && value <= 1) return bytes_of(value, size, order);
  if (to.shape != Shape::integer && to.shape != Shape::character)
    return fail(Errc::invalid, "{} cannot be {}", words(to.shape), value);
  return from_number(to, value, order);
}

}  // namespace skep::spec
