#include "skep/asm/text/parse.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "skep/asm/builder.hpp"
#include "skep/asm/helpers.hpp"
#include "skep/asm/text/match.hpp"
#include "skep/asm/text/name.hpp"

namespace skep::text {
namespace {

constexpr std::string_view kSpaces = " \t\r\f\v";

// The line up to its comment, if it has one. Names may hold comment characters in quotes.
std::string_view without_comment(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quoted && line[i] == '\\') ++i;
    else if (line[i] == '"') quoted = !quoted;
    else if (!quoted && (line[i] == '#' || line[i] == ';' || line.substr(i, 2) == "//")) return line.substr(0, i);
  }
  return line;
}

std::size_t skip_spaces(std::string_view line, std::size_t at) {
  return std::min(line.find_first_not_of(kSpaces, at), line.size());
}

class Parser {
 public:
  explicit Parser(Dialect dialect) : dialect_(dialect) {}

  Result<Code> parse(std::string_view text) {
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      ++line_;
      SKEP_TRY(parse_line(without_comment(text.substr(0, end))));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return finish();
  }

 private:
  // Where something stands in the text, for errors about names that are known only at the end.
  struct Place {
    std::size_t line = 0, column = 0;
  };
  struct Definition {
    std::string name;
    std::uint32_t slot = 0;
    bool function = false;
  };
  struct Use {
    std::uint32_t slot = 0;
    Matched matched;
    Place place;
  };

  template <class... Args>
  std::unexpected<Error> error(Place place, fmt::format_string<Args...> format, Args&&... args) const {
    return fail(Errc::malformed, "line {}, column {}: {}", place.line, place.column,
                fmt::format(format, std::forward<Args>(args)...));
  }

  Result<> parse_line(std::string_view line) {
    std::size_t at = skip_slot(line, skip_spaces(line, 0));
    while (const auto size = SKEP_TRY(definition(line, at))) at = skip_spaces(line, at + size);
    if (at == line.size()) return {};
    Mismatch reason;
    auto matched = match(line.substr(at), dialect_, reason);
    if (!matched) return error({line_, at + reason.at + 1}, "{}", reason.message);
    if (matched->kind) uses_.push_back({next_slot_, *matched, {line_, at + 1}});
    insns_.push_back(matched->insn);
    next_slot_ += is_wide(matched->insn.op) ? 2 : 1;
    return {};
  }

  // Listings begin their lines with "  12:", and llvm-objdump a function with its address in hex.
  static std::size_t skip_slot(std::string_view line, std::size_t at) {
    auto end = at;
    while (end < line.size() && ((line[end] >= '0' && line[end] <= '9') || (line[end] >= 'a' && line[end] <= 'f')))
      ++end;
    if (end == at || end == line.size()) return at;
    const auto digits = line.substr(at, end - at);
    if (line[end] == ':' && digits.find_first_not_of("0123456789") == digits.npos) return skip_spaces(line, end + 1);
    const auto next = skip_spaces(line, end);
    return next > end && next < line.size() && line[next] == '<' ? next : at;
  }

  // The characters of a label or function header at `at`; 0 if none stands there.
  Result<std::size_t> definition(std::string_view line, std::size_t at) {
    const bool function = at < line.size() && line[at] == '<';
    const auto begin = at + (function ? 1 : 0);
    const auto name = read_name(line.substr(begin));
    if (!name) {
      if (function) return error({line_, begin + 1}, "expected the name of a function");
      return 0;
    }
    auto end = begin + name->size;
    if (function && line.substr(end, 1) != ">") return error({line_, end + 1}, "expected '>'");
    if (function) ++end;
    if (line.substr(end, 1) != ":") {
      if (function) return error({line_, end + 1}, "expected ':'");
      return 0;
    }
    if (!by_name_.emplace(name->name, definitions_.size()).second)
      return error({line_, begin + 1}, "\"{}\" is defined twice", name->name);
    definitions_.push_back({name->name, next_slot_, function});
    return end + 1 - at;
  }

  const Definition* find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &definitions_[found->second];
  }

  // What a name means depends on which names are defined: settled here, when all are known.
  Result<> settle(Use& use) {
    auto& [insn, kind, symbol, bare] = use.matched;
    const auto* defined = find(symbol);
    if (kind == Reference::Kind::map && bare && defined && defined->function) {
      insn.op = Op::ld_func;
      kind = Reference::Kind::function;
    }
    if (insn.op == Op::call_local && !defined) {
      const auto helper = bare ? helper_id(symbol) : std::nullopt;
      insn = helper ? insn::call(static_cast<std::int32_t>(*helper)) : insn::call_local(-1);
      if (helper) kind.reset();
    }
    if (insn.op == Op::call_kfunc) insn.imm = -1;
    if (kind == Reference::Kind::label) SKEP_TRY(check_jump(use));
    return {};
  }

  Result<> check_jump(const Use& use) {
    const auto& [insn, kind, symbol, bare] = use.matched;
    const auto* target = find(symbol);
    if (!target) return error(use.place, "label \"{}\" is not defined", symbol);
    const auto distance = std::int64_t{target->slot} - use.slot - 1;
    const bool wide = info(insn.op).form == Form::Ja32;
    if (!wide &&
        (distance > std::numeric_limits<std::int16_t>::max() || distance < std::numeric_limits<std::int16_t>::min()))
      return error(use.place, "label \"{}\" is {} slots away, more than an offset of 16 bits can hold", symbol,
                   distance);
    return {};
  }

  Result<Code> finish() {
    define_exit();
    mark_called_functions();
    for (auto& use : uses_) SKEP_TRY(settle(use));
    return build();
  }

  // The conformance suite's assembler lets programs jump to `exit`.
  void define_exit() {
    if (dialect_ != Dialect::mnemonic || by_name_.contains("exit")) return;
    const bool wanted = std::any_of(uses_.begin(), uses_.end(), [](const Use& use) {
      return use.matched.kind == Reference::Kind::label && use.matched.symbol == "exit";
    });
    if (!wanted) return;
    std::uint32_t slot = 0;
    auto insn = insns_.begin();
    for (; insn != insns_.end() && insn->op != Op::exit; ++insn) slot += is_wide(insn->op) ? 2 : 1;
    if (insn == insns_.end()) return;
    // Definitions are sorted by slot; several may share one.
    const auto after =
        std::upper_bound(definitions_.begin(), definitions_.end(), slot,
                         [](std::uint32_t wanted_slot, const Definition& d) { return wanted_slot < d.slot; });
    definitions_.insert(after, {"exit", slot, false});
    by_name_.clear();
    for (std::size_t i = 0; i < definitions_.size(); ++i) by_name_.emplace(definitions_[i].name, i);
  }

  void mark_called_functions() {
    for (const auto& use : uses_) {
      const auto found = by_name_.find(use.matched.symbol);
      if (found != by_name_.end() && use.matched.kind == Reference::Kind::function)
        definitions_[found->second].function = true;
    }
  }

  Result<Code> build() {
    CodeBuilder builder;
    std::size_t definition = 0, use = 0;
    const auto define = [&] {
      for (; definition < definitions_.size() && definitions_[definition].slot <= builder.size(); ++definition) {
        const auto& [name, slot, function] = definitions_[definition];
        if (function) builder.function(name);
        else builder.label(name);
      }
    };
    for (const auto& insn : insns_) {
      define();
      if (use == uses_.size() || uses_[use].slot != builder.size()) {
        builder.add(insn);
        continue;
      }
      const auto& matched = uses_[use++].matched;
      if (matched.kind) builder.add(Symbolic{matched.insn, *matched.kind, matched.symbol});
      else builder.add(matched.insn);
    }
    define();
    return builder.build();
  }

  Dialect dialect_;
  std::size_t line_ = 0;
  std::vector<Instruction> insns_;  // without wide_tails
  std::uint32_t next_slot_ = 0;
  std::vector<Definition> definitions_;
  std::map<std::string, std::size_t, std::less<>> by_name_;  // index into definitions_
  std::vector<Use> uses_;
};

}  // namespace

Result<Code> parse(std::string_view text, Dialect dialect) { return Parser(dialect).parse(text); }

Result<Instruction> parse_instruction(std::string_view line, Dialect dialect) {
  Mismatch reason;
  const auto matched = match(line, dialect, reason);
  if (!matched) return fail(Errc::malformed, "column {}: {}", reason.at + 1, reason.message);
  if (matched->kind)
    return fail(Errc::malformed, "column 1: \"{}\" is a name, which means nothing without its program",
                matched->symbol);
  return matched->insn;
}

}  // namespace skep::text
