// The way back, btf/value.hpp: a tree of fields into bytes. People write such trees by hand, so everything
// that does not fit is refused with the path to it and what would fit.
#include <algorithm>
#include <bit>

#include "skep/btf/bits.hpp"
#include "skep/btf/c_name.hpp"
#include "skep/btf/fields.hpp"
#include "skep/btf/number.hpp"
#include "skep/btf/value.hpp"

namespace skep::btf {
namespace {

using detail::BitRange;
using detail::Number;
using detail::Path;
using detail::Slot;

// How many names an error lists.
constexpr std::size_t kListed = 24;

// The number that a value is, by whatever way it was written.
std::optional<Number> to_number(const Value& value) {
  struct Reader {
    using Out = std::optional<Number>;
    Out operator()(std::int64_t v) const { return Number::of(v); }
    Out operator()(std::uint64_t v) const { return Number{.low = v}; }
    Out operator()(bool v) const { return Number{.low = v}; }
    Out operator()(const std::string& v) const {
      if (v == "true" || v == "false") return Number{.low = v == "true"};
      return Number::parse(v);
    }
    Out operator()(const Value::Enumeration& v) const {
      return v.is_signed ? Number::of(v.number) : Number{.low = static_cast<std::uint64_t>(v.number)};
    }
    Out operator()(const Value::Pointer& v) const { return Number{.low = v.address}; }
    Out operator()(double) const { return std::nullopt; }
    Out operator()(const Value::Array&) const { return std::nullopt; }
    Out operator()(const Value::Struct&) const { return std::nullopt; }
  };
  return std::visit(Reader{}, value.data);
}

std::string describe(const Value& value) {
  struct Describer {
    std::string operator()(std::int64_t v) const { return fmt::to_string(v); }
    std::string operator()(std::uint64_t v) const { return fmt::to_string(v); }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(double v) const { return fmt::to_string(v); }
    std::string operator()(const std::string& v) const { return fmt::format("\"{:.40}\"", v); }
    std::string operator()(const Value::Enumeration& v) const {
      return v.name.empty() ? fmt::to_string(v.number) : fmt::format("\"{}\"", v.name);
    }
    std::string operator()(const Value::Pointer& v) const { return fmt::format("0x{:x}", v.address); }
    std::string operator()(const Value::Array& v) const { return fmt::format("an array of {}", v.size()); }
    std::string operator()(const Value::Struct& v) const { return fmt::format("a structure of {}", v.size()); }
  };
  return std::visit(Describer{}, value.data);
}

// "a, b, c"
template <class Range, class Name>
std::string list_names(const Range& range, Name name) {
  std::string text;
  std::size_t count = 0;
  for (const auto& item : range) {
    if (!text.empty()) text += ", ";
    if (count++ == kListed) return text + "...";
    text += name(item);
  }
  return text;
}

// Fields mostly come in their order: `next` is where one is looked for first. Null if there is none.
const Slot* find_slot(const std::vector<Slot>& slots, std::string_view name, std::size_t& next) {
  for (std::size_t tried = 0; tried < slots.size(); ++tried) {
    const auto& slot = slots[next];
    next = (next + 1) % slots.size();
    if (slot.name == name) return &slot;
  }
  return nullptr;
}

class Encoder {
 public:
  Encoder(const Btf& btf, MutableBytes bytes, ByteOrder order, const detail::Extent& extent)
      : btf_(btf), table_(btf, extent), bytes_(bytes.first(extent.size)), written_(extent.size), order_(order) {
    std::fill(bytes_.begin(), bytes_.end(), std::byte{0});
  }

  Result<> encode(const Value& value, const Slot& slot, int depth, const Path& path);

 private:
  Result<> write(const Number& number, const BitRange& range, const Path& path);
  Result<> write_piece(std::uint64_t value, std::uint64_t offset, unsigned width, const Path& path);

  // A number for a type, which the error calls by its C name.
  Result<> number(const Value& value, const BitRange& range, bool is_signed, const Slot& slot, const Path& path);
  Result<> floating(const Value& value, const Float& type, const Slot& slot, const Path& path);
  Result<> enumeration(const Value& value, const Enum& type, const Slot& slot, const Path& path);
  Result<> array(const Value& value, const Array& type, const Slot& slot, int depth, const Path& path);
  Result<> text(const std::string& text, const Array& type, std::uint64_t room, const Slot& slot, const Path& path);
  Result<> structure(const Value& value, const Slot& slot, int depth, const Path& path);

  template <class... Args>
  static std::unexpected<Error> refuse(const Path& path, fmt::format_string<Args...> format, Args&&... args) {
    return fail(Errc::invalid, "{}{}", path.prefix(), fmt::format(format, std::forward<Args>(args)...));
  }

  const Btf& btf_;
  detail::FieldTable table_;
  MutableBytes bytes_;
  std::vector<std::byte> written_;  // a bit for each bit of bytes_ that has its value
  ByteOrder order_;
};

Result<> Encoder::write_piece(std::uint64_t value, std::uint64_t offset, unsigned width, const Path& path) {
  const auto all = width == 0 ? 0 : ~std::uint64_t{0} >> (64 - width);
  const auto old = detail::get_bits(bytes_, offset, width, order_);
  if (((old ^ value) & detail::get_bits(written_, offset, width, order_) & all) != 0)
    return refuse(path, "disagrees with another field given for the same bytes");
  detail::put_bits(bytes_, offset, width, order_, value);
  detail::put_bits(written_, offset, width, order_, all);
  return {};
}

Result<> Encoder::write(const Number& number, const BitRange& range, const Path& path) {
  SKEP_TRY(range.check(bytes_.size(), path));
  if (range.width <= 64) return write_piece(number.low, range.offset, range.width, path);
  const auto rest = range.width - 64;
  const bool little = order_ == ByteOrder::little;
  SKEP_TRY(write_piece(number.low, range.offset + (little ? 0 : rest), 64, path));
  return write_piece(number.high, range.offset + (little ? 64 : 0), rest, path);
}

Result<> Encoder::number(const Value& value, const BitRange& range, bool is_signed, const Slot& slot,
                         const Path& path) {
  const auto n = to_number(value);
  if (!n) return refuse(path, "{} is not an integer, {} expected", describe(value), c_name(btf_, slot.type));
  if (!n->fits(range.width, is_signed))
    return refuse(path, "{} does not fit {} ({})", describe(value),
                  slot.bitfield_size ? fmt::format("{} : {}", c_name(btf_, slot.type), slot.bitfield_size)
                                     : c_name(btf_, slot.type),
                  detail::range_text(range.width, is_signed));
  return write(*n, range, path);
}

Result<> Encoder::floating(const Value& value, const Float& type, const Slot& slot, const Path& path) {
  const auto range = SKEP_TRY(table_.bits_of(type.size, slot, path));
  std::optional<double> real;
  if (const auto* given = std::get_if<double>(&value.data))
    real = *given;
  else if (const auto* small = std::get_if<std::int64_t>(&value.data))
    real = static_cast<double>(*small);
  else if (const auto* big = std::get_if<std::uint64_t>(&value.data))
    real = static_cast<double>(*big);
  if (!real) return number(value, range, false, slot, path);  // "0x...": the bits
  if (range.width == 64) return write({.low = std::bit_cast<std::uint64_t>(*real)}, range, path);
  if (range.width == 32) return write({.low = std::bit_cast<std::uint32_t>(static_cast<float>(*real))}, range, path);
  return refuse(path, "a {} of {} bytes is given as its bits, \"0x...\"", c_name(btf_, slot.type), type.size);
}

Result<> Encoder::enumeration(const Value& value, const Enum& type, const Slot& slot, const Path& path) {
  const auto range = SKEP_TRY(table_.bits_of(type.size, slot, path));
  std::string_view name;
  if (const auto* given = std::get_if<Value::Enumeration>(&value.data)) name = given->name;
  if (const auto* given = std::get_if<std::string>(&value.data)) name = *given;
  const auto named =
      std::find_if(type.values.begin(), type.values.end(), [&](const Enumerator& e) { return e.name == name; });
  if (!name.empty() && named != type.values.end()) {
    const auto bits =
        type.is_signed ? Number::of(named->value) : Number{.low = static_cast<std::uint64_t>(named->value)};
    if (!bits.fits(range.width, type.is_signed)) return refuse(path, "{} does not fit {} bits", name, range.width);
    return write(bits, range, path);
  }
  if (!name.empty() && !to_number(value))
    return refuse(path, "{} has no \"{}\"; it has {}", c_name(btf_, slot.type), name,
                  list_names(type.values, [](const Enumerator& e) { return e.name; }));
  return number(value, range, type.is_signed, slot, path);
}

Result<> Encoder::text(const std::string& given, const Array& type, std::uint64_t room, const Slot& slot,
                       const Path& path) {
  const auto* integer = std::get_if<Int>(SKEP_TRY(table_.type(type.element, path)));
  const bool is_bytes = integer && integer->size == 1 && integer->bits == 8;
  std::vector<std::byte> bytes;
  if (is_bytes && detail::is_text(*integer)) {
    bytes.assign(as_bytes(given).begin(), as_bytes(given).end());
  } else if (is_bytes && given.starts_with("0x")) {
    auto parsed = from_hex(given);
    if (!parsed) return refuse(path, "\"{:.40}\": {}", given, parsed.error().what());
    bytes = std::move(*parsed);
  } else {
    return refuse(path, "\"{:.40}\" is text, {} expected", given, c_name(btf_, slot.type));
  }
  if (bytes.size() > room)
    return refuse(path, "{} bytes of text do not fit {}", bytes.size(), c_name(btf_, slot.type));
  bytes.resize(room);  // the NULs behind a text are a part of it
  for (std::size_t i = 0; i < bytes.size(); ++i)
    SKEP_TRY(write({.low = std::to_integer<std::uint64_t>(bytes[i])}, {slot.bit_offset + i * 8, 8}, path));
  return {};
}

Result<> Encoder::array(const Value& value, const Array& type, const Slot& slot, int depth, const Path& path) {
  const auto element = SKEP_TRY(table_.size_of(type.element, path));
  const auto room = table_.count(type, slot, depth, std::max<std::uint64_t>(element, 1));
  if (const auto* given = std::get_if<std::string>(&value.data)) return text(*given, type, room, slot, path);
  const auto* values = std::get_if<Value::Array>(&value.data);
  if (!values) return refuse(path, "{} is not an array, {} expected", describe(value), c_name(btf_, slot.type));
  if (values->size() > room)
    return refuse(path, "{} elements do not fit {}", values->size(), c_name(btf_, slot.type));
  if (element > bytes_.size() && !values->empty())
    return fail(Errc::malformed, "{}elements of {} bytes exceed the {} bytes of the type", path.prefix(), element,
                bytes_.size());
  for (std::uint64_t i = 0; i < values->size(); ++i)
    SKEP_TRY(encode((*values)[i], {{}, type.element, slot.bit_offset + i * element * 8, 0}, depth + 1,
                    {.up = &path, .field = {}, .index = i}));
  return {};
}

Result<> Encoder::structure(const Value& value, const Slot& slot, int depth, const Path& path) {
  const auto* given = std::get_if<Value::Struct>(&value.data);
  if (!given) return refuse(path, "{} is not a structure, {} expected", describe(value), c_name(btf_, slot.type));
  const auto& fields = *SKEP_TRY(table_.fields(slot.type, path));
  std::size_t next = 0;
  for (const auto& [name, part] : *given) {
    const auto* field = find_slot(fields, name, next);
    if (!field)
      return refuse(path, "{} has no field \"{}\"; it has {}", c_name(btf_, slot.type), name,
                    list_names(fields, [](const Slot& s) { return s.name; }));
    auto at = *field;
    at.bit_offset += slot.bit_offset;
    SKEP_TRY(encode(part, at, depth + 1, {.up = &path, .field = field->name}));
  }
  return {};
}

Result<> Encoder::encode(const Value& value, const Slot& slot, int depth, const Path& path) {
  if (depth > kMaxDepth) return fail(Errc::malformed, "{}more than {} levels", path.prefix(), kMaxDepth);
  const auto& type = *SKEP_TRY(table_.type(slot.type, path));
  if (const auto* integer = std::get_if<Int>(&type)) {
    const auto range = SKEP_TRY(table_.bits_of(*integer, slot, path));
    return number(value, range, integer->is_signed, slot, path);
  }
  if (const auto* float_type = std::get_if<Float>(&type)) return floating(value, *float_type, slot, path);
  if (const auto* enum_type = std::get_if<Enum>(&type)) return enumeration(value, *enum_type, slot, path);
  if (const auto* array_type = std::get_if<Array>(&type)) return array(value, *array_type, slot, depth, path);
  if (std::holds_alternative<Ptr>(type)) {
    const auto range = SKEP_TRY(table_.bits_of(btf_.pointer_size(), slot, path));
    return number(value, range, false, slot, path);
  }
  if (std::holds_alternative<Composite>(type) || std::holds_alternative<Datasec>(type))
    return structure(value, slot, depth, path);
  return fail(Errc::invalid, "{}{} has no value", path.prefix(), c_name(btf_, slot.type));
}

}  // namespace

Result<> encode_value(const Btf& btf, TypeId type, const Value& value, MutableBytes bytes, ByteOrder order) {
  const auto extent = SKEP_TRY(detail::extent_of(btf, type, bytes.size()));
  return Encoder(btf, bytes, order, extent).encode(value, {{}, type, 0, 0}, 0, {});
}

}  // namespace skep::btf
