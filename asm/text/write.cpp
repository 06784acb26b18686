#include "skep/asm/text/write.hpp"

#include <utility>

#include <fmt/format.h>

#include "skep/asm/text/name.hpp"

namespace skep::text {
namespace {

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

class Writer {
 public:
  Writer(const Instruction& insn, Dialect dialect, const Names& names)
      : insn_(insn), dialect_(dialect), names_(names) {}

  std::string write(const Rule& rule) {
    for (const auto& element : rule.elements) {
      if (element.space) text_ += ' ';
      write(element);
    }
    return std::move(text_);
  }

 private:
  bool hex() const { return dialect_ == Dialect::llvm; }
  void put_register(char letter, Reg reg) { text_ += fmt::format("{}{}{}", hex() ? "" : "%", letter, number(reg)); }
  void put_unsigned(std::uint64_t value) { text_ += hex() ? fmt::format("{:#x}", value) : fmt::format("{}", value); }
  void put_number(std::int64_t value) {
    if (value < 0) text_ += '-';
    put_unsigned(magnitude(value));
  }
  // "+0x4", or " + 0x4" where LLVM adds to a register
  void put_signed(std::int64_t value, bool spaced) {
    const char sign = value < 0 ? '-' : '+';
    text_ += spaced && hex() ? fmt::format(" {} ", sign) : fmt::format("{}", sign);
    put_unsigned(magnitude(value));
  }
  void put_offset(std::int64_t value) {
    if (value != 0) put_signed(value, true);
  }
  void put_jump(std::int64_t distance) {
    if (names_.target.empty()) put_signed(distance, false);
    else text_ += quote_name(names_.target);
  }

  void write(const Element& element) {
    const auto imm = static_cast<std::uint32_t>(insn_.imm);
    switch (element.piece) {
      case Piece::literal: text_ += element.text; break;
      case Piece::dst: put_register('r', insn_.dst); break;
      case Piece::src: put_register('r', insn_.src); break;
      case Piece::dst_narrow: case Piece::dst_any: put_register('w', insn_.dst); break;
      case Piece::src_narrow: case Piece::src_any: put_register('w', insn_.src); break;
      case Piece::imm: put_number(insn_.imm); break;
      case Piece::imm64:
        // LLVM's assembler takes all 64 bits of a pseudo load, as one unsigned number.
        if (!hex() || insn_.op != Op::ld_imm64) text_ += fmt::format("{:#x}", static_cast<std::uint64_t>(insn_.imm));
        else put_number(insn_.imm);
        break;
      case Piece::imm_index: put_offset(insn_.imm); break;
      case Piece::imm_to: put_unsigned(imm >> 16); break;
      case Piece::imm_from: put_unsigned(imm & 0xffff); break;
      case Piece::selector: put_unsigned(static_cast<std::uint64_t>(info(insn_.op).src)); break;
      case Piece::low: put_number(static_cast<std::int32_t>(imm_low(insn_))); break;
      case Piece::high_offset: put_offset(names_.part.empty() ? imm_high(insn_) : names_.part_offset); break;
      case Piece::off: if (hex() || insn_.off != 0) put_signed(insn_.off, true); break;
      case Piece::jump16: put_jump(insn_.off); break;
      case Piece::jump32: put_jump(insn_.imm); break;
      case Piece::distance: put_signed(insn_.imm, false); break;
      case Piece::helper:
        if (names_.helper.empty()) put_number(insn_.imm);
        else text_ += fmt::format("{}#{}", names_.helper, insn_.imm);
        break;
      case Piece::module: if (insn_.off != 0) { text_ += ", "; put_number(insn_.off); } break;
      case Piece::symbol:
        text_ += quote_name(names_.symbol);
        if (!names_.part.empty()) text_ += ":" + quote_name(names_.part);
        break;
    }
  }

  const Instruction& insn_;
  Dialect dialect_;
  const Names& names_;
  std::string text_;
};

}  // namespace

std::string write(const Instruction& insn, const Rule& rule, Dialect dialect, const Names& names) {
  return Writer(insn, dialect, names).write(rule);
}

}  // namespace skep::text
