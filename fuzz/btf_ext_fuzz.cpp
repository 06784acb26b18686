// Any bytes as a .BTF.ext section beside a .BTF: the first four bytes of the input (little-endian) are the
// size of the .BTF that follows, the rest is .BTF.ext.
#include <algorithm>
#include <cstdint>

#include "skep/btf/ext.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skep;
  const auto bytes = std::as_bytes(std::span(data, size));
  if (bytes.size() < 4) return 0;
  const auto rest = bytes.subspan(4);
  const auto cut = std::min<std::size_t>(load<std::uint32_t>(bytes.data()), rest.size());
  const auto raw = rest.first(cut);
  const auto btf = btf::Btf::parse({raw.begin(), raw.end()});
  const auto ext = btf::Ext::parse(rest.subspan(cut), btf ? *btf : btf::Btf());
  if (!ext) return 0;
  // What the views show is there.
  std::size_t sum = 0;
  for (const auto& group : ext->funcs) sum += group.section.size() + group.records.size();
  for (const auto& group : ext->lines)
    for (const auto& record : group.records)
      for (const char c : record.text) sum += static_cast<unsigned char>(c);
  for (const auto& group : ext->core)
    for (const auto& record : group.records) sum += std::count(record.access.begin(), record.access.end(), ':') >= 0;
  return sum == SIZE_MAX;  // 0, but the compiler does not know
}
