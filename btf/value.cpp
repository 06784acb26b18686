#include "skep/btf/value.hpp"

#include <algorithm>
#include <bit>

#include "skep/btf/bits.hpp"
#include "skep/btf/c_name.hpp"
#include "skep/btf/fields.hpp"

namespace skep::btf {
namespace {

using detail::BitRange;
using detail::Path;
using detail::Slot;

std::string hex_text(std::uint64_t high, std::uint64_t low) {
  return high != 0 ? fmt::format("0x{:x}{:016x}", high, low) : fmt::format("0x{:x}", low);
}

class Decoder {
 public:
  Decoder(const Btf& btf, Bytes bytes, ByteOrder order, const detail::Extent& extent)
      : btf_(btf), table_(btf, extent), bytes_(bytes.first(extent.size)), order_(order) {}

  Result<Value> decode(const Slot& slot, int depth, const Path& path);

 private:
  Result<std::uint64_t> read(const BitRange& range, const Path& path) const;
  // Any width to 128, as text.
  Result<Value> wide(const BitRange& range, const Path& path) const;

  Result<Value> integer(const Int& type, const Slot& slot, const Path& path) const;
  Result<Value> floating(const Float& type, const Slot& slot, const Path& path) const;
  Result<Value> enumeration(const Enum& type, const Slot& slot, const Path& path) const;
  Result<Value> array(const Array& type, const Slot& slot, int depth, const Path& path);
  Result<Value> structure(const Slot& slot, int depth, const Path& path);

  const Btf& btf_;
  detail::FieldTable table_;
  Bytes bytes_;
  ByteOrder order_;
};

Result<std::uint64_t> Decoder::read(const BitRange& range, const Path& path) const {
  SKEP_TRY(range.check(bytes_.size(), path));
  return detail::get_bits(bytes_, range.offset, range.width, order_);
}

Result<Value> Decoder::wide(const BitRange& range, const Path& path) const {
  SKEP_TRY(range.check(bytes_.size(), path));
  const auto rest = range.width - 64;
  const bool little = order_ == ByteOrder::little;
  const auto low = detail::get_bits(bytes_, range.offset + (little ? 0 : rest), 64, order_);
  const auto high = detail::get_bits(bytes_, range.offset + (little ? 64 : 0), rest, order_);
  return Value{hex_text(high, low)};
}

Result<Value> Decoder::integer(const Int& type, const Slot& slot, const Path& path) const {
  const auto range = SKEP_TRY(table_.bits_of(type, slot, path));
  if (range.width > 64) return wide(range, path);
  const auto raw = SKEP_TRY(read(range, path));
  if (type.is_bool && raw <= 1) return Value{raw == 1};
  if (type.is_signed && range.width > 0) {
    const auto unused = 64 - range.width;
    return Value{static_cast<std::int64_t>(raw << unused) >> unused};
  }
  return Value{raw};
}

Result<Value> Decoder::floating(const Float& type, const Slot& slot, const Path& path) const {
  const auto range = SKEP_TRY(table_.bits_of(type.size, slot, path));
  if (range.width > 64) return wide(range, path);
  const auto raw = SKEP_TRY(read(range, path));
  if (range.width == 64) return Value{std::bit_cast<double>(raw)};
  if (range.width == 32) return Value{double{std::bit_cast<float>(static_cast<std::uint32_t>(raw))}};
  return Value{hex_text(0, raw)};
}

Result<Value> Decoder::enumeration(const Enum& type, const Slot& slot, const Path& path) const {
  const auto range = SKEP_TRY(table_.bits_of(type.size, slot, path));
  const auto raw = SKEP_TRY(read(range, path));
  const auto unused = 64 - range.width;
  Value::Enumeration value{.name = {}, .number = static_cast<std::int64_t>(raw), .is_signed = type.is_signed};
  if (type.is_signed) value.number = static_cast<std::int64_t>(raw << unused) >> unused;
  const auto named = std::find_if(type.values.begin(), type.values.end(),
                                  [&](const Enumerator& e) { return e.value == value.number; });
  if (named != type.values.end()) value.name = named->name;
  return Value{std::move(value)};
}

// The text in a char array, when the bytes are that text and NULs, so that nothing is lost.
std::optional<std::string> text_in(Bytes bytes) {
  const auto all = as_text(bytes);
  const auto text = all.substr(0, all.find('\0'));
  if (all.find_first_not_of('\0', text.size()) != all.npos) return std::nullopt;
  const auto printable = [](char c) { return (c >= ' ' && c <= '~') || c == '\t' || c == '\n'; };
  if (!std::all_of(text.begin(), text.end(), printable)) return std::nullopt;
  return std::string(text);
}

Result<Value> Decoder::array(const Array& type, const Slot& slot, int depth, const Path& path) {
  const auto element = SKEP_TRY(table_.size_of(type.element, path));
  Value::Array values;
  if (element == 0) return Value{std::move(values)};
  const auto count = table_.count(type, slot, depth, element);
  const auto room = bytes_.size() - std::min<std::uint64_t>(slot.bit_offset / 8, bytes_.size());
  if (count > room / element)
    return fail(Errc::malformed, "{}{} elements of {} bytes at offset {} exceed the {} bytes of the type",
                path.prefix(), count, element, slot.bit_offset / 8, bytes_.size());

  const auto* integer = std::get_if<Int>(SKEP_TRY(table_.type(type.element, path)));
  if (integer && detail::is_text(*integer) && slot.bit_offset % 8 == 0)
    if (auto text = text_in(bytes_.subspan(slot.bit_offset / 8, count))) return Value{std::move(*text)};

  SKEP_TRY(table_.spend(count, path));
  values.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i)
    values.push_back(SKEP_TRY(decode({{}, type.element, slot.bit_offset + i * element * 8, 0}, depth + 1,
                                     {.up = &path, .field = {}, .index = i})));
  return Value{std::move(values)};
}

Result<Value> Decoder::structure(const Slot& slot, int depth, const Path& path) {
  const auto& fields = *SKEP_TRY(table_.fields(slot.type, path));
  SKEP_TRY(table_.spend(fields.size(), path));
  Value::Struct values;
  values.reserve(fields.size());
  for (const auto& field : fields) {
    auto at = field;
    at.bit_offset += slot.bit_offset;
    auto value = SKEP_TRY(decode(at, depth + 1, {.up = &path, .field = field.name}));
    values.push_back({std::string(field.name), std::move(value)});
  }
  return Value{std::move(values)};
}

Result<Value> Decoder::decode(const Slot& slot, int depth, const Path& path) {
  if (depth > kMaxDepth) return fail(Errc::malformed, "{}more than {} levels", path.prefix(), kMaxDepth);
  const auto& type = *SKEP_TRY(table_.type(slot.type, path));
  if (const auto* integer_type = std::get_if<Int>(&type)) return integer(*integer_type, slot, path);
  if (const auto* float_type = std::get_if<Float>(&type)) return floating(*float_type, slot, path);
  if (const auto* enum_type = std::get_if<Enum>(&type)) return enumeration(*enum_type, slot, path);
  if (const auto* array_type = std::get_if<Array>(&type)) return array(*array_type, slot, depth, path);
  if (std::holds_alternative<Ptr>(type)) {
    const auto range = SKEP_TRY(table_.bits_of(btf_.pointer_size(), slot, path));
    const auto address = SKEP_TRY(read(range, path));
    return Value{Value::Pointer{address}};
  }
  if (std::holds_alternative<Composite>(type) || std::holds_alternative<Datasec>(type))
    return structure(slot, depth, path);
  return fail(Errc::invalid, "{}{} has no value", path.prefix(), c_name(btf_, slot.type));
}

}  // namespace

const Value* Value::find(std::string_view field) const {
  const auto* fields = std::get_if<Struct>(&data);
  if (!fields) return nullptr;
  const auto found =
      std::find_if(fields->begin(), fields->end(), [&](const Field& candidate) { return candidate.name == field; });
  return found == fields->end() ? nullptr : &found->value;
}

bool Value::operator==(const Value&) const = default;

Result<Value> decode_value(const Btf& btf, TypeId type, Bytes bytes, ByteOrder order) {
  const auto extent = SKEP_TRY(detail::extent_of(btf, type, bytes.size()));
  return Decoder(btf, bytes, order, extent).decode({{}, type, 0, 0}, 0, {});
}

}  // namespace skep::btf
