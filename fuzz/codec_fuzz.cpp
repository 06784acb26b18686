// Instruction bytes of either byte order: what decodes must encode to the same bytes, and every instruction
// must read back as printed, in both dialects. Whatever it is, validation must come to an end.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "skep/asm/codec.hpp"
#include "skep/asm/text/parse.hpp"
#include "skep/asm/text/print.hpp"
#include "skep/asm/validate.hpp"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void round_trip(skep::Bytes bytes, skep::ByteOrder order) {
  static_cast<void>(skep::text::print(bytes, order));
  const auto insns = skep::decode(bytes, order);
  if (!insns) return;
  const auto encoded = skep::encode(*insns, order);
  check(std::equal(encoded.begin(), encoded.end(), bytes.begin(), bytes.end()));
  for (const auto& insn : *insns) {
    if (insn.op == skep::Op::wide_tail) continue;
    for (const auto dialect : {skep::text::Dialect::llvm, skep::text::Dialect::mnemonic}) {
      const auto back = skep::text::parse_instruction(skep::text::print(insn, dialect), dialect);
      check(back && *back == insn);
    }
  }
  skep::Code code;
  code.insns = *insns;
  static_cast<void>(skep::validate(code));
  static_cast<void>(skep::text::print(code, {.bytes = true}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const skep::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  round_trip(bytes, skep::ByteOrder::little);
  round_trip(bytes, skep::ByteOrder::big);
  return 0;
}
