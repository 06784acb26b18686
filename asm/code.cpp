#include "skep/asm/code.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "skep/asm/text/print.hpp"

namespace skep {
namespace {

// The last record of a list sorted by slot that lies at or before `slot`; null if none.
template <class T>
const T* last_at_or_before(const std::vector<T>& list, std::uint32_t slot) {
  const auto after = std::upper_bound(list.begin(), list.end(), slot,
                                      [](std::uint32_t wanted, const T& item) { return wanted < item.slot; });
  return after == list.begin() ? nullptr : &*(after - 1);
}

template <class T>
void append_moved(std::vector<T>& list, const std::vector<T>& more, std::uint32_t distance) {
  for (const auto& item : more) {
    list.push_back(item);
    list.back().slot += distance;
  }
}

// Writes the distance of a jump or call into the field that holds it.
Result<> set_distance(Instruction& insn, std::int64_t distance) {
  const auto form = info(insn.op).form;
  if (form == Form::Ja32 || form == Form::CallLocal || form == Form::LdImm64) {
    if (form == Form::LdImm64) distance = imm_pair(static_cast<std::uint32_t>(distance), 0);
    insn.imm = distance;
    return {};
  }
  if (distance < std::numeric_limits<std::int16_t>::min() || distance > std::numeric_limits<std::int16_t>::max())
    return fail(Errc::invalid, "{} slots away, an offset has 16 bits", distance);
  insn.off = static_cast<std::int16_t>(distance);
  return {};
}

}  // namespace

const Reference* Code::reference_at(std::uint32_t slot) const {
  const auto* found = last_at_or_before(references, slot);
  return found && found->slot == slot ? found : nullptr;
}

const Function* Code::function_at(std::uint32_t slot) const { return last_at_or_before(functions, slot); }

const LineInfo* Code::line_at(std::uint32_t slot) const {
  const auto* line = last_at_or_before(lines, slot);
  if (!line) return nullptr;
  const auto* function = function_at(slot);
  return function && line->slot < function->slot ? nullptr : line;
}

void Code::append(const Code& other) {
  const auto distance = size();
  insns.insert(insns.end(), other.insns.begin(), other.insns.end());
  append_moved(references, other.references, distance);
  append_moved(functions, other.functions, distance);
  append_moved(labels, other.labels, distance);
  const auto first_line = lines.size();
  append_moved(lines, other.lines, distance);

  // The same file is listed once.
  std::vector<std::uint32_t> moved(other.files.size());
  for (std::size_t i = 0; i < other.files.size(); ++i) {
    const auto known = std::find(files.begin(), files.end(), other.files[i]);
    moved[i] = static_cast<std::uint32_t>(known - files.begin());
    if (known == files.end()) files.push_back(other.files[i]);
  }
  for (auto i = first_line; i < lines.size(); ++i)
    if (lines[i].file < moved.size()) lines[i].file = moved[lines[i].file];
}

Result<> Code::resolve_labels() {
  std::map<std::string_view, std::uint32_t> label_slots, function_slots;
  for (const auto& function : functions) function_slots.emplace(function.name, function.slot);
  label_slots = function_slots;  // a function may be jumped to, as in a loop back to its start
  for (const auto& label : labels) label_slots.insert_or_assign(label.name, label.slot);

  for (const auto& reference : references) {
    const bool is_label = reference.kind == Reference::Kind::label;
    if (!is_label && reference.kind != Reference::Kind::function) continue;
    auto& insn = insns[reference.slot];
    const auto& slots = is_label ? label_slots : function_slots;
    const auto target = slots.find(reference.symbol);
    if (target == slots.end()) {
      if (!is_label) continue;  // a function of another piece of code
      return fail(Errc::invalid, "instruction {} ({}): label \"{}\" is not defined", reference.slot,
                  text::print(insn), reference.symbol);
    }
    const auto distance = std::int64_t{target->second} - reference.slot - 1;
    SKEP_TRY_CTX(set_distance(insn, distance), "instruction {} ({}): label \"{}\"", reference.slot, text::print(insn),
                 reference.symbol);
  }
  std::erase_if(references, [](const Reference& r) { return r.kind == Reference::Kind::label; });
  return {};
}

}  // namespace skep
