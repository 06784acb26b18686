// Any bytes as BTF, printed as C and as a listing: it must end, on types in circles too, with a text in proportion
// to the input.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "skep/btf/c_format.hpp"
#include "skep/btf/raw_format.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skep;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto btf = btf::Btf::parse({bytes.begin(), bytes.end()});
  if (!btf) return 0;
  const auto header = c_header(*btf);
  if (header && header->find('\0') != std::string::npos) std::abort();
  const auto again = c_header(*btf);
  if (header.has_value() != again.has_value() || (header && *header != *again)) std::abort();
  // Each alone brings along what it needs: a few of them.
  const auto count = std::min(btf->type_count(), 20u);
  for (std::uint32_t id = 0; id <= count; ++id) {
    std::string listing;
    (void)c_declaration(*btf, btf::TypeId{id});
    (void)append_raw(*btf, btf::TypeId{id}, listing);
  }
  return 0;
}
