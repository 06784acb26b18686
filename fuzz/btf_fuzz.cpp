// Any bytes as a .BTF section: parsed, and everything asked of it that one can ask. What decodes as a value
// must encode to a value that decodes the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "skep/btf/c_name.hpp"
#include "skep/btf/value.hpp"

namespace {

using namespace skep;
using namespace skep::btf;

void require(bool condition) {
  if (!condition) std::abort();
}

// Not for values with a NaN in them, which differ from themselves.
void round_trip(const Btf& btf, TypeId id, const Value& value, std::size_t size, ByteOrder order) {
  std::vector<std::byte> bytes(size);
  if (!encode_value(btf, id, value, bytes, order)) return;  // two fields of one name
  const auto again = decode_value(btf, id, bytes, order);
  require(again.has_value());
  if (value == value) require(*again == value);
}

void ask(const Btf& btf, TypeId id, Bytes bytes) {
  const auto type = btf.type(id);
  const auto name = btf.name(id);
  const auto kind = btf.kind(id);
  if (const auto found = btf.find(name, kind)) require(btf.name(*found) == name && btf.kind(*found) == kind);
  if (!name.empty()) require(btf.find(name).has_value());
  (void)btf.strip(id);
  (void)btf.tags_of(id);
  (void)c_name(btf, id);
  const auto size = btf.size_of(id);
  if (!type || !size || *size > bytes.size()) return;
  for (const auto order : {ByteOrder::little, ByteOrder::big})
    if (const auto value = decode_value(btf, id, bytes, order)) round_trip(btf, id, *value, bytes.size(), order);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto btf = Btf::parse({bytes.begin(), bytes.end()});
  if (!btf) return 0;
  require(*btf == *Btf::parse({bytes.begin(), bytes.end()}));
  // Of thousands of types the first ones tell as much as all.
  const auto count = std::min(btf->type_count(), 80u);
  for (std::uint32_t id = 0; id <= count; ++id) ask(*btf, TypeId{id}, bytes);
  (void)btf->type(TypeId{0xffffffff});
  (void)btf->size_of(TypeId{0xffffffff});
  (void)btf->string(0xffffffff);
  // The same bytes as an extension of themselves.
  if (const auto split = Btf::parse({bytes.begin(), bytes.end()}, *btf))
    for (std::uint32_t id = btf->type_count(); id < std::min(split->type_count(), btf->type_count() + 20); ++id)
      ask(*split, TypeId{id}, bytes);
  return 0;
}
