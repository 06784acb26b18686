#include "skep/base/bytes.hpp"

namespace skep {

std::string_view to_string(ByteOrder order) { return order == ByteOrder::little ? "little" : "big"; }

std::unexpected<Error> ByteReader::truncated(std::size_t wanted) const {
  return fail(Errc::malformed, "truncated at offset {}: {} bytes wanted, {} left", offset_, wanted, left());
}

Result<Bytes> ByteReader::take(std::size_t size) {
  if (left() < size) return truncated(size);
  const auto part = bytes_.subspan(offset_, size);
  offset_ += size;
  return part;
}

Result<> ByteReader::skip(std::size_t size) {
  if (left() < size) return truncated(size);
  offset_ += size;
  return {};
}

Result<> ByteReader::seek(std::size_t offset) {
  if (offset > bytes_.size())
    return fail(Errc::malformed, "offset {} lies outside of {} bytes", offset, bytes_.size());
  offset_ = offset;
  return {};
}

std::string to_hex(Bytes bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    text += digits[std::to_integer<unsigned>(byte) >> 4];
    text += digits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

namespace {
int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
}  // namespace

Result<std::vector<std::byte>> from_hex(std::string_view text) {
  std::vector<std::byte> bytes;
  std::size_t i = 0;
  while (i < text.size() && is_space(text[i])) ++i;
  if (text.substr(i, 2) == "0x" || text.substr(i, 2) == "0X") i += 2;
  while (i < text.size()) {
    if (is_space(text[i])) {
      ++i;
      continue;
    }
    const int high = digit(text[i]);
    if (high < 0) return fail(Errc::malformed, "column {}: '{}' is not a hex digit", i + 1, text[i]);
    if (i + 1 == text.size()) return fail(Errc::malformed, "column {}: odd number of hex digits", i + 1);
    const int low = digit(text[i + 1]);
    if (low < 0) return fail(Errc::malformed, "column {}: '{}' is not a hex digit", i + 2, text[i + 1]);
    bytes.push_back(static_cast<std::byte>(high << 4 | low));
    i += 2;
  }
  return bytes;
}

}  // namespace skep
