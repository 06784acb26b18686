// Any bytes as an object: load, print, link every program. An input that loads must load to the same text
// again, and each program is either linked or refused with words.
#include <cstdint>
#include <cstdlib>

#include "skep/elf/load.hpp"
#include "skep/spec/libbpf_name.hpp"
#include "skep/spec/link.hpp"
#include "skep/spec/place.hpp"
#include "skep/spec/print.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const skep::Bytes object = std::as_bytes(std::span(data, size));
  auto spec = skep::elf::load(object);
  if (!spec) {
    require(!spec.error().what().empty());
    return 0;
  }
  const auto text = skep::print(*spec);
  require(text == skep::print(*skep::elf::load(object)));
  for (const auto& map : spec->maps) require(!skep::libbpf_name(map, "dir/object.bpf.o").empty());
  for (const auto& variable : spec->variables) static_cast<void>(spec->get_variable(variable.name));
  // Linking is repeated per program, so a few of many are enough.
  std::size_t linked = 0;
  const auto find = [&](const skep::Reference& reference, std::uint32_t offset) {
    return skep::spec::find_place(*spec, reference, offset);
  };
  for (const auto& program : spec->programs) {
    if (++linked > 16) break;
    const auto whole = skep::spec::link(*spec, program.name);
    require(whole ? whole->code.size() >= program.code.size() : !whole.error().what().empty());
    if (whole) static_cast<void>(skep::text::print(whole->code, {.source = true, .find_place = find}));
  }
  return 0;
}
