// Assembly text; the first byte chooses the dialect. What parses must print, in either dialect, to text that
// parses to the same code. With made-up labels the same but for the labels.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "skep/asm/text/parse.hpp"
#include "skep/asm/text/print.hpp"
#include "skep/asm/validate.hpp"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void round_trip(const skep::Code& code, skep::text::Dialect dialect, bool extras) {
  const auto text =
      skep::text::print(code, {.dialect = dialect, .slots = extras, .labels = extras, .helper_names = extras});
  auto back = skep::text::parse(text, dialect);
  check(back.has_value());
  if (extras) back->labels = code.labels;
  check(*back == code);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using skep::text::Dialect;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto code = skep::text::parse(text, data[0] % 2 == 0 ? Dialect::llvm : Dialect::mnemonic);
  if (!code) return 0;
  for (const auto dialect : {Dialect::llvm, Dialect::mnemonic})
    for (const bool extras : {false, true}) round_trip(*code, dialect, extras);
  static_cast<void>(skep::validate(*code));
  return 0;
}
