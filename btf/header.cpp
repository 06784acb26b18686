#include "skep/btf/header.hpp"

#include <algorithm>

namespace skep::btf::detail {
namespace {

constexpr std::uint32_t kShortHeader = 24, kLongHeader = 32;

struct Section {
  const char* name;
  std::uint64_t offset, size;  // offset from the end of the header
  std::uint64_t end() const { return offset + size; }
};

Result<Bytes> cut(Bytes raw, std::uint32_t header_size, const Section& section) {
  const auto room = raw.size() - header_size;
  if (section.end() > room)
    return fail(Errc::malformed, "{} at offset {} with {} bytes exceed the {} bytes after the header", section.name,
                section.offset, section.size, room);
  return raw.subspan(header_size + section.offset, section.size);
}

Result<> check_aligned(const Section& section) {
  if (section.offset % 4 == 0 && section.size % 4 == 0) return {};
  return fail(Errc::malformed, "{} at offset {} with {} bytes are not 4-byte aligned", section.name, section.offset,
              section.size);
}

Result<> check_apart(const Section& a, const Section& b) {
  if (a.size == 0 || b.size == 0 || a.end() <= b.offset || b.end() <= a.offset) return {};
  return fail(Errc::malformed, "{} and {} overlap", a.name, b.name);
}

Result<std::string_view> check_strings(Bytes bytes, bool is_split) {
  const auto text = as_text(bytes);
  if (text.empty()) {
    if (is_split) return text;
    return fail(Errc::malformed, "no strings");
  }
  if (!is_split && text.front() != '\0') return fail(Errc::malformed, "strings do not begin with NUL");
  if (text.back() != '\0') return fail(Errc::malformed, "strings do not end with NUL");
  return text;
}

Shapes known_shapes() {
  Shapes shapes{};
#define SKEP_BTF_KIND(name, number, text, fixed_size, each_size, since) \
  shapes[number] = {fixed_size, each_size, number != 0};
#include "skep/btf/kinds.inc"
#undef SKEP_BTF_KIND
  return shapes;
}

}  // namespace

std::optional<ByteOrder> order_of_magic(Bytes raw) {
  constexpr std::uint16_t kMagic = 0xeb9f;
  if (raw.size() < 2) return std::nullopt;
  for (const auto order : {ByteOrder::little, ByteOrder::big})
    if (load<std::uint16_t>(raw.data(), order) == kMagic) return order;
  return std::nullopt;
}

Result<Header> read_header(Bytes raw, bool is_split) {
  if (raw.size() < kShortHeader)
    return fail(Errc::malformed, "{} bytes are too few for a BTF header of {}", raw.size(), kShortHeader);
  const auto order = order_of_magic(raw);
  if (!order) return fail(Errc::malformed, "offset 0: not BTF (no magic 0xeb9f)");
  const auto u32 = [&](std::size_t at) { return load<std::uint32_t>(raw.data() + at, *order); };
  if (const auto version = load<std::uint8_t>(raw.data() + 2); version != 1)
    return fail(Errc::malformed, "offset 2: BTF version {}, only 1 is known", version);

  const auto size = u32(4);
  if (size < kShortHeader || size > raw.size())
    return fail(Errc::malformed, "offset 4: header size {} is not within {}..{}", size, kShortHeader, raw.size());
  const auto known = size >= kLongHeader ? kLongHeader : kShortHeader;
  const auto tail = raw.subspan(known, size - known);
  if (std::any_of(tail.begin(), tail.end(), [](std::byte b) { return b != std::byte{0}; }))
    return fail(Errc::malformed, "header of {} bytes has something unknown after the first {}", size, known);

  const Section types{"types", u32(8), u32(12)};
  const Section strings{"strings", u32(16), u32(20)};
  const Section layout{"layout", known == kLongHeader ? u32(24) : 0, known == kLongHeader ? u32(28) : 0};
  SKEP_TRY(check_aligned(types));
  SKEP_TRY(check_aligned(layout));
  Header header{.order = *order,
                .types = SKEP_TRY(cut(raw, size, types)),
                .strings = {},
                .layout = SKEP_TRY(cut(raw, size, layout))};
  const auto string_bytes = SKEP_TRY(cut(raw, size, strings));
  if (types.end() > strings.offset)
    return fail(Errc::malformed, "types end at offset {}, after the strings begin at {}", types.end(), strings.offset);
  SKEP_TRY(check_apart(layout, types));
  SKEP_TRY(check_apart(layout, strings));
  header.strings = SKEP_TRY(check_strings(string_bytes, is_split));
  return header;
}

Result<Shapes> read_shapes(Bytes layout, ByteOrder order) {
  auto shapes = known_shapes();
  // Per kind: u8 info_sz, u8 elem_sz, u16 flags (none defined). Entries beyond 127 can name no kind.
  const auto count = std::min(layout.size() / 4, shapes.size());
  for (std::size_t kind = 1; kind < count; ++kind) {
    const auto* entry = layout.data() + kind * 4;
    const Shape told{load<std::uint8_t>(entry, order), load<std::uint8_t>(entry + 1, order), true};
    auto& shape = shapes[kind];
    if (!shape.is_known) {
      shape = told;
    } else if (shape.fixed != told.fixed || shape.each != told.each) {
      return fail(Errc::malformed, "layout: kind {} {} has {} + n * {} bytes, not {} + n * {}", kind,
                  to_string(static_cast<Kind>(kind)), shape.fixed, shape.each, told.fixed, told.each);
    }
  }
  return shapes;
}

}  // namespace skep::btf::detail
