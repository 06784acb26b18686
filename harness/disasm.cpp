#include "skep/harness/disasm.hpp"

#include <nlohmann/json.hpp>

#include "skep/asm/codec.hpp"

namespace skep::harness {
namespace {

Json source_to_json(const Code& code, std::uint32_t slot) {
  const auto* line = code.line_at(slot);
  if (line == nullptr) return nullptr;
  return {{"file", line->file < code.files.size() ? Json(code.files[line->file]) : Json(nullptr)},
          {"line", line->line},
          {"column", line->column},
          {"text", line->text}};
}

std::string_view to_string(Reference::Kind kind) {
  switch (kind) {
    case Reference::Kind::function: return "function";
    case Reference::Kind::map: return "map";
    case Reference::Kind::map_value:
    case Reference::Kind::variable: return "map_value";
    case Reference::Kind::extern_: return "extern";
    case Reference::Kind::label: return "label";
  }
  return "";
}

Json reference_to_json(const Code& code, std::uint32_t slot, const text::PrintOptions& options) {
  const auto* reference = code.reference_at(slot);
  if (reference == nullptr) return nullptr;
  Json json = {
      {"kind", to_string(reference->kind)}, {"name", reference->symbol}, {"variable", nullptr}, {"offset", nullptr}};
  if (code.insns[slot].op != Op::ld_map_value) return json;
  const auto offset = imm_high(code.insns[slot]);
  const auto place = options.find_place ? options.find_place(*reference, offset) : std::nullopt;
  json["offset"] = place ? place->offset : offset;
  if (!place) return json;
  json["name"] = place->map;
  json["variable"] = place->variable;
  return json;
}

Json instruction_to_json(const Code& code, std::uint32_t slot, ByteOrder order, const text::PrintOptions& options) {
  const std::size_t slots = is_wide(code.insns[slot].op) ? 2 : 1;
  Json json;
  json["slot"] = slot;
  json["bytes"] = to_hex(encode(std::span(code.insns).subspan(slot, slots), order));
  json["text"] = text::print_at(code, slot, options);
  json["source"] = source_to_json(code, slot);
  json["reference"] = reference_to_json(code, slot, options);
  return json;
}

// Each function with its instructions.
Json functions_to_json(const Code& code, ByteOrder order, const text::PrintOptions& options) {
  Json functions = Json::array();
  for (std::size_t i = 0; i < code.functions.size(); ++i) {
    const auto end = i + 1 < code.functions.size() ? code.functions[i + 1].slot : code.size();
    Json instructions = Json::array();
    for (auto slot = code.functions[i].slot; slot < end; ++slot)
      if (code.insns[slot].op != Op::wide_tail) instructions.push_back(instruction_to_json(code, slot, order, options));
    functions.push_back({{"name", code.functions[i].name},
                         {"slot", code.functions[i].slot},
                         {"instructions", std::move(instructions)}});
  }
  return functions;
}

// What is no instruction has null for its text.
Json undecoded_to_json(const ProgramSpec& program, ByteOrder order, const text::PrintOptions& options) {
  Json instructions = Json::array();
  for (const auto& [slot, bytes, insn] : decode_each(program.undecoded, order)) {
    Code one;
    if (insn) one.insns = {*insn};
    instructions.push_back({{"slot", slot},
                            {"bytes", to_hex(bytes)},
                            {"text", insn ? Json(text::print_at(one, 0, options)) : Json(nullptr)},
                            {"source", nullptr},
                            {"reference", nullptr}});
  }
  return Json::array({{{"name", program.name}, {"slot", 0}, {"instructions", std::move(instructions)}}});
}

}  // namespace

Json disassemble(const ProgramSpec& program, ByteOrder order, const text::PrintOptions& options) {
  Json json;
  json["name"] = program.name;
  json["section"] = program.section;
  json["problem"] = program.problem.empty() ? Json(nullptr) : Json(program.problem);
  json["functions"] = program.undecoded.empty() ? functions_to_json(program.code, order, options)
                                                : undecoded_to_json(program, order, options);
  return json;
}

}  // namespace skep::harness
