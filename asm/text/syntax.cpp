#include "skep/asm/text/syntax.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace skep::text {
namespace {

// Patterns. Operands:
//   %d %s registers  %D %S sized by the row's width  %L %T the same, read leniently  %i imm  %q imm64
//   %o off in an address  %p imm after a register  %h %l halves of imm  %x selector  %w low half, %P offset
//   %j %J jumps  %r distance  %n helper  %k module  %v name
// Words: %y the row's symbol  %m its mnemonic  %u "u32"  %a "_64" or "32_32"  %0 "r0" or "w0"
std::string_view llvm_pattern(Form form) {
  switch (form) {
    case Form::AluImm: return "%D %y %i";
    case Form::AluReg: return "%D %y %S";
    case Form::Neg: return "%D = -%D";
    case Form::MovSx: return "%D = %y%S";
    case Form::Swap: return "%d = %y %d";
    case Form::AddrSpaceCast: return "%d = addr_space_cast(%s, %h, %l)";
    case Form::Load: return "%L = *(%y *)(%s%o)";
    case Form::LoadSx: return "%d = *(%y *)(%s%o)";
    case Form::StoreImm: return "*(%y *)(%d%o) = %i";
    case Form::StoreReg: return "*(%y *)(%d%o) = %T";
    case Form::Atomic: return "lock *(%u *)(%d%o) %y %T";
    case Form::AtomicFetch: return "%S = %y((%u *)(%d%o), %S)";
    case Form::AtomicXchg: return "%S = %y%a(%d%o, %S)";
    case Form::AtomicCmpXchg: return "%0 = %y%a(%d%o, %0, %S)";
    case Form::LoadAcq: return "%L = %y((%u *)(%s%o))";
    case Form::StoreRel: return "%y((%u *)(%d%o), %T)";
    case Form::LdAbs: return "r0 = *(%y *)skb[%i]";
    case Form::LdInd: return "r0 = *(%y *)skb[%s%p]";
    case Form::LdImm64: return "ld_pseudo %d, %x, %q";
    case Form::WideTail: return "";
    case Form::JmpImm: return "if %D %y %i goto %j";
    case Form::JmpReg: return "if %D %y %S goto %j";
    case Form::Ja: return "goto %j";
    case Form::Ja32: return "gotol %J";
    case Form::MayGoto: return "may_goto %j";
    case Form::GotoReg: return "gotox %d";
    case Form::CallHelper: return "call %n";
    case Form::CallLocal: return "call pc%r";
    case Form::CallKfunc: return "call kfunc %i%k";
    case Form::CallReg: return "callx %d";
    case Form::Exit: return "exit";
  }
  return "";
}

std::string_view mnemonic_pattern(Form form) {
  switch (form) {
    case Form::AluImm: return "%m %d, %i";
    case Form::AluReg: return "%m %d, %s";
    case Form::Neg: return "%m %d";
    case Form::MovSx: return "%m %d, %s";
    case Form::Swap: return "%m %d";
    case Form::AddrSpaceCast: return "addr_space_cast %d, %s, %h, %l";
    case Form::Load: return "%m %d, [%s%o]";
    case Form::LoadSx: return "%m %d, [%s%o]";
    case Form::StoreImm: return "%m [%d%o], %i";
    case Form::StoreReg: return "%m [%d%o], %s";
    case Form::Atomic: return "lock %m [%d%o], %s";
    case Form::AtomicFetch: return "lock fetch %m [%d%o], %s";
    case Form::AtomicXchg: return "lock %m [%d%o], %s";
    case Form::AtomicCmpXchg: return "lock %m [%d%o], %s";
    case Form::LoadAcq: return "%m %d, [%s%o]";
    case Form::StoreRel: return "%m [%d%o], %s";
    case Form::LdAbs: return "%m %i";
    case Form::LdInd: return "%m %s, %i";
    case Form::LdImm64: return "lddw %d, %y %w%P";
    case Form::WideTail: return "";
    case Form::JmpImm: return "%m %d, %i, %j";
    case Form::JmpReg: return "%m %d, %s, %j";
    case Form::Ja: return "ja %j";
    case Form::Ja32: return "ja32 %J";
    case Form::MayGoto: return "may_goto %j";
    case Form::GotoReg: return "gotox %d";
    case Form::CallHelper: return "call %n";
    case Form::CallLocal: return "call local %r";
    case Form::CallKfunc: return "call kfunc %i%k";
    case Form::CallReg: return "call %d";
    case Form::Exit: return "exit";
  }
  return "";
}

std::string pattern(Op op, Dialect dialect) {
  if (op == Op::ld_imm64) return dialect == Dialect::llvm ? "%d = %q ll" : "lddw %d, %q";
  return std::string(dialect == Dialect::llvm ? llvm_pattern(info(op).form) : mnemonic_pattern(info(op).form));
}

// Spellings with the name of a reference.
struct Named {
  Op op;
  Reference::Kind kind;
  std::string_view llvm, mnemonic;
};
constexpr Named kNamed[] = {
    {Op::ld_map_fd, Reference::Kind::map, "%d = map %v ll", "lddw %d, map %v"},
    {Op::ld_map_value, Reference::Kind::map_value, "%d = value %v%P ll", "lddw %d, value %v%P"},
    {Op::ld_map_value, Reference::Kind::variable, "%d = variable %v%P ll", "lddw %d, variable %v%P"},
    {Op::ld_imm64, Reference::Kind::extern_, "%d = extern %v ll", "lddw %d, extern %v"},
    {Op::ld_func, Reference::Kind::function, "%d = func %v ll", "lddw %d, func %v"},
    {Op::call_local, Reference::Kind::function, "call %v", "call local %v"},
    {Op::call_kfunc, Reference::Kind::extern_, "call kfunc %v%k", "call kfunc %v%k"},
};

// What people write as well. A bare name in LLVM's dialect is a function where there is one, else a map;
// a call of a name that is no function is the call of a helper if there is one: see parse.cpp.
struct Alias {
  Op op;
  std::optional<Reference::Kind> kind;
  Dialect dialect;
  std::string_view pattern;
};
constexpr Alias kAliases[] = {
    {Op::ld_map_fd, Reference::Kind::map, Dialect::llvm, "%d = %v ll"},
    {Op::call_local, Reference::Kind::function, Dialect::llvm, "call local %v"},
    {Op::bswap16, {}, Dialect::mnemonic, "swap16 %d"},
    {Op::bswap32, {}, Dialect::mnemonic, "swap32 %d"},
    {Op::bswap64, {}, Dialect::mnemonic, "swap64 %d"},
};

std::string_view size_letter(unsigned width) { return width == 8 ? "b" : width == 16 ? "h" : width == 32 ? "w" : "dw"; }

// The word of the mnemonic dialect: the row's name as far as it says what is done, then the width in this
// dialect's manner ("add64_imm" is add, "add32_imm" add32, "ldx8" ldxb, "movsx8_64" movsx864).
std::string mnemonic(const OpInfo& row) {
  std::string_view stem = row.name.substr(0, row.name.find_first_of("0123456789"));
  switch (row.form) {
    case Form::Swap: return std::string(row.name);
    case Form::MovSx: {
      std::string name(row.name);
      std::erase(name, '_');
      return name;
    }
    case Form::Load: case Form::LoadSx: case Form::StoreImm: case Form::StoreReg:
      return fmt::format("{}{}", stem, size_letter(row.width));
    case Form::LdAbs: case Form::LdInd:
      return fmt::format("{}{}", row.form == Form::LdAbs ? "ldabs" : "ldind", size_letter(row.width));
    case Form::LoadAcq: case Form::StoreRel: return fmt::format("{}{}", row.symbol, row.width);
    case Form::Atomic: case Form::AtomicXchg: case Form::AtomicCmpXchg: stem.remove_prefix(sizeof "atomic_" - 1); break;
    case Form::AtomicFetch: stem.remove_prefix(sizeof "atomic_fetch_" - 1); break;
    default: break;
  }
  return fmt::format("{}{}", stem, row.width == 32 ? "32" : "");
}

// A symbol that stands between operands and is read as one piece ("s>>="), unlike "(s8)".
bool is_operator(Form form) {
  return form == Form::AluImm || form == Form::AluReg || form == Form::Atomic || form == Form::JmpImm ||
         form == Form::JmpReg;
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

class Compiler {
 public:
  Compiler(Op op, std::optional<Reference::Kind> kind) : row_(info(op)) {
    rule_.op = op;
    rule_.kind = kind;
  }

  Rule compile(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size();) {
      if (pattern[i] == ' ') {
        space_ = true;
        ++i;
      } else if (pattern[i] == '%') {
        placeholder(pattern[i + 1]);
        i += 2;
      } else {
        i += literal(pattern.substr(i));
      }
    }
    if (!rule_.elements.empty()) rule_.elements.front().expected = "an instruction";
    return std::move(rule_);
  }

 private:
  void add(Piece piece, std::string expected, std::string text = {}) {
    rule_.elements.push_back({piece, std::exchange(space_, false), std::move(text), std::move(expected)});
  }

  // One word, or one character of punctuation; how long it was. Words and numbers that follow each other
  // without a space are one word: xchg_64.
  std::size_t literal(std::string_view text) {
    std::size_t size = 1;
    while (is_word(text[0]) && size < text.size() && is_word(text[size])) ++size;
    const std::string word(text.substr(0, size));
    auto& all = rule_.elements;
    if (is_word(word[0]) && !space_ && !all.empty() && all.back().piece == Piece::literal &&
        is_word(all.back().text.back())) {
      all.back().text += word;
      all.back().expected = fmt::format("'{}'", all.back().text);
    } else {
      add(Piece::literal, fmt::format("'{}'", word), word);
    }
    return size;
  }
  void literals(std::string_view text) {
    while (!text.empty()) text.remove_prefix(literal(text));
  }

  void placeholder(char c) {
    const bool narrow = row_.width < 64;
    switch (c) {
      case 'd': return add(Piece::dst, "a register");
      case 's': return add(Piece::src, "a register");
      case 'D': return add(narrow ? Piece::dst_narrow : Piece::dst, "a register");
      case 'S': return add(narrow ? Piece::src_narrow : Piece::src, "a register");
      case 'L': return add(narrow ? Piece::dst_any : Piece::dst, "a register");
      case 'T': return add(narrow ? Piece::src_any : Piece::src, "a register");
      case 'i': return add(Piece::imm, "a number");
      case 'q': return add(Piece::imm64, "a number");
      case 'o': return add(Piece::off, "an offset");
      case 'p': return add(Piece::imm_index, "an offset");
      case 'h': return add(Piece::imm_to, "a number");
      case 'l': return add(Piece::imm_from, "a number");
      case 'x': return add(Piece::selector, "a number");
      case 'w': return add(Piece::low, "a number");
      case 'P': return add(Piece::high_offset, "an offset");
      case 'j': return add(Piece::jump16, "a label or offset");
      case 'J': return add(Piece::jump32, "a label or offset");
      case 'r': return add(Piece::distance, "an offset");
      case 'n': return add(Piece::helper, "a helper");
      case 'k': return add(Piece::module, "a module");
      case 'v':
        rule_.bare = rule_.elements.back().text == "=" || rule_.elements.back().text == "call";
        return add(Piece::symbol, "a name");
      case 'm': return literals(mnemonic(row_));
      case 'u': return literals(fmt::format("u{}", row_.width));
      case 'a': return literals(row_.width == 64 ? "_64" : "32_32");
      case '0': return literals(narrow ? "w0" : "r0");
      case 'y':
        if (!is_operator(row_.form)) return literals(row_.symbol);
        return add(Piece::literal, "an operator", std::string(row_.symbol));
      default: break;
    }
  }

  const OpInfo& row_;
  Rule rule_;
  bool space_ = false;  // one stood in the pattern before the next piece
};

std::vector<Rule> make_rules(Dialect dialect) {
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < kOpCount; ++i)
    rules.push_back(Compiler(static_cast<Op>(i), {}).compile(pattern(static_cast<Op>(i), dialect)));
  for (const auto& named : kNamed)
    rules.push_back(Compiler(named.op, named.kind).compile(dialect == Dialect::llvm ? named.llvm : named.mnemonic));
  for (const auto& alias : kAliases)
    if (alias.dialect == dialect) rules.push_back(Compiler(alias.op, alias.kind).compile(alias.pattern));
  return rules;
}

}  // namespace

std::span<const Rule> all_rules(Dialect dialect) {
  static const std::array<std::vector<Rule>, 2> rules{make_rules(Dialect::llvm), make_rules(Dialect::mnemonic)};
  return rules[static_cast<std::size_t>(dialect)];
}

const Rule& rule(Op op, Dialect dialect) { return all_rules(dialect)[static_cast<std::size_t>(op)]; }

const Rule* symbolic_rule(Op op, Reference::Kind kind, Dialect dialect) {
  for (std::size_t i = 0; i < std::size(kNamed); ++i)
    if (kNamed[i].op == op && kNamed[i].kind == kind) return &all_rules(dialect)[kOpCount + i];
  return nullptr;
}

}  // namespace skep::text
