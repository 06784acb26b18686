#include "skep/asm/text/print.hpp"

#include <map>
#include <optional>
#include <set>
#include <span>

#include <fmt/format.h>

#include "skep/asm/codec.hpp"
#include "skep/asm/helpers.hpp"
#include "skep/asm/text/name.hpp"
#include "skep/asm/text/syntax.hpp"
#include "skep/asm/text/write.hpp"

namespace skep::text {
namespace {

// The slot that a jump goes to; none for instructions that are no jumps.
std::optional<std::int64_t> jump_target(const Instruction& insn, std::uint32_t slot) {
  switch (info(insn.op).form) {
    case Form::JmpImm: case Form::JmpReg: case Form::Ja: case Form::MayGoto: return std::int64_t{slot} + 1 + insn.off;
    case Form::Ja32: return std::int64_t{slot} + 1 + insn.imm;
    default: return std::nullopt;
  }
}

using LabelNames = std::map<std::uint32_t, std::string>;

// Names for the places that have them: labels, then functions.
LabelNames declared_labels(const Code& code) {
  LabelNames names;
  for (const auto& label : code.labels) names.emplace(label.slot, label.name);
  for (const auto& function : code.functions)
    if (!function.name.empty()) names.emplace(function.slot, function.name);
  return names;
}

// And for every other place that something jumps to.
LabelNames all_labels(const Code& code) {
  auto names = declared_labels(code);
  std::set<std::string_view> taken;
  for (const auto& label : code.labels) taken.insert(label.name);
  for (const auto& function : code.functions) taken.insert(function.name);
  for (std::uint32_t slot = 0; slot < code.size(); ++slot) {
    const auto target = jump_target(code.insns[slot], slot);
    if (!target || *target < 0 || *target >= code.size()) continue;
    const auto place = static_cast<std::uint32_t>(*target);
    if (code.insns[place].op == Op::wide_tail || names.contains(place)) continue;
    auto name = fmt::format("L{}", place);
    while (taken.contains(name)) name += '_';
    names.emplace(place, std::move(name));
  }
  return names;
}

// "bpf_ktime_get_ns"; "" for what is no helper, or one that the table does not know.
std::string helper_text(const Instruction& insn, const PrintOptions& options) {
  if (insn.op != Op::call_helper || !options.helper_names) return {};
  const auto name = helper_name(insn.imm);
  return name.empty() ? std::string() : fmt::format("bpf_{}", name);
}

std::string slot_text(std::uint32_t slot, std::size_t digits, const PrintOptions& options) {
  return options.slots ? fmt::format("{:>{}}: ", slot, digits + 2) : "  ";
}

std::string print_named(const Code& code, std::uint32_t slot, const PrintOptions& options, const LabelNames* labels) {
  const auto& insn = code.insns[slot];
  const auto* rule = &text::rule(insn.op, options.dialect);
  Names names;
  if (const auto target = jump_target(insn, slot); target && labels && *target >= 0 && *target < code.size()) {
    const auto label = labels->find(static_cast<std::uint32_t>(*target));
    if (label != labels->end()) names.target = label->second;
  }
  names.helper = helper_text(insn, options);
  if (const auto* reference = code.reference_at(slot)) {
    if (reference->kind == Reference::Kind::label) names.target = reference->symbol;
    names.symbol = reference->symbol;
    auto kind = reference->kind;
    if (insn.op == Op::ld_map_value && options.find_place)
      if (auto place = options.find_place(*reference, imm_high(insn))) {
        kind = Reference::Kind::map_value;
        names.symbol = std::move(place->map);
        names.part = std::move(place->variable);
        names.part_offset = place->offset;
      }
    // LLVM's `call f` could be read as the call of a helper: then the word `local` makes it plain.
    const bool ambiguous = insn.op == Op::call_local && helper_id(reference->symbol);
    const auto dialect = ambiguous ? Dialect::mnemonic : options.dialect;
    if (const auto* symbolic = symbolic_rule(insn.op, kind, dialect)) rule = symbolic;
  }
  return write(insn, *rule, options.dialect, names);
}

class Listing {
 public:
  Listing(const Code& code, const PrintOptions& options)
      : code_(code), options_(options), labels_(options.labels ? all_labels(code) : LabelNames{}),
        digits_(fmt::formatted_size("{}", code.size())) {}

  std::string print() {
    for (std::uint32_t slot = 0; slot < code_.size(); ++slot) {
      headers(slot);
      if (code_.insns[slot].op == Op::wide_tail) continue;
      if (options_.source) source(slot);
      instruction(slot);
    }
    headers(code_.size());  // labels may stand at the very end
    return std::move(text_);
  }

 private:
  void headers(std::uint32_t slot) {
    for (; function_ < code_.functions.size() && code_.functions[function_].slot <= slot; ++function_) {
      const auto& function = code_.functions[function_];
      line_ = nullptr;
      if (function.name.empty()) continue;
      if (!text_.empty()) text_ += '\n';
      text_ += fmt::format("<{}>:\n", quote_name(function.name));
    }
    bool named = false;
    for (; label_ < code_.labels.size() && code_.labels[label_].slot <= slot; ++label_, named = true)
      text_ += fmt::format("{}:\n", quote_name(code_.labels[label_].name));
    const auto* function = code_.function_at(slot);
    if (named || (function && function->slot == slot && !function->name.empty())) return;
    if (const auto made_up = labels_.find(slot); made_up != labels_.end())
      text_ += fmt::format("{}:\n", quote_name(made_up->second));
  }

  void source(std::uint32_t slot) {
    const auto* line = code_.line_at(slot);
    if (!line || line == line_) return;
    line_ = line;
    const auto file = line->file < code_.files.size() ? std::string_view(code_.files[line->file]) : "?";
    std::string shown = fmt::format("{}:{}: {}", file, line->line, line->text);
    for (auto& c : shown)  // what an object says of its source stays on one line
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    text_ += fmt::format("; {}\n", shown);
  }

  void instruction(std::uint32_t slot) {
    text_ += slot_text(slot, digits_, options_);
    if (options_.bytes) bytes(slot);
    text_ += print_named(code_, slot, options_, options_.labels ? &labels_ : nullptr);
    text_ += '\n';
  }

  void bytes(std::uint32_t slot) {
    const std::size_t slots = is_wide(code_.insns[slot].op) && slot + 1 < code_.size() ? 2 : 1;
    const auto raw = encode(std::span(code_.insns).subspan(slot, slots));
    for (const auto byte : raw) text_ += fmt::format("{:02x} ", std::to_integer<unsigned>(byte));
    text_.append((2 * kSlotSize - raw.size()) * 3, ' ');
  }

  const Code& code_;
  const PrintOptions& options_;
  const LabelNames labels_;
  const std::size_t digits_;
  std::size_t function_ = 0, label_ = 0;  // the next to be printed
  const LineInfo* line_ = nullptr;        // the last that was printed
  std::string text_;
};

}  // namespace

std::string print(const Instruction& insn, Dialect dialect) {
  return write(insn, rule(insn.op, dialect), dialect);
}

std::string print_at(const Code& code, std::uint32_t slot, const PrintOptions& options) {
  const auto labels = options.labels ? declared_labels(code) : LabelNames{};
  return print_named(code, slot, options, &labels);
}

std::string print(Bytes bytes, ByteOrder order, const PrintOptions& options) {
  const auto digits = fmt::formatted_size("{}", bytes.size() / kSlotSize);
  std::string text;
  for (const auto& [slot, own, insn] : decode_each(bytes, order)) {
    text += slot_text(slot, digits, options);
    Names names;
    if (insn) {
      names.helper = helper_text(*insn, options);
      text += write(*insn, rule(insn->op, options.dialect), options.dialect, names);
    } else {
      text += fmt::format("; {}: {}", to_hex(own), insn.error().what());
    }
    text += '\n';
  }
  return text;
}

std::string print(const Code& code, const PrintOptions& options) { return Listing(code, options).print(); }

}  // namespace skep::text
