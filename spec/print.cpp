// The text of maps, variables, externs and programs. One fact a line, so that a diff of two texts points at
// what differs. Text from the object is quoted, with what is no printable ASCII escaped.
#include "skep/spec/print.hpp"

#include <fmt/format.h>

#include "skep/spec/quote.hpp"

namespace skep {
namespace {

using Out = std::back_insert_iterator<std::string>;

template <class... Args>
void line(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(Out(out), format, std::forward<Args>(args)...);
  out += '\n';
}

std::string_view to_string(MapKind kind) {
  switch (kind) {
    case MapKind::user: return "user";
    case MapKind::data: return "data";
    case MapKind::rodata: return "rodata";
    case MapKind::bss: return "bss";
    case MapKind::kconfig: return "kconfig";
    case MapKind::struct_ops: return "struct_ops";
  }
  return "unknown";
}

std::string_view to_string(Reference::Kind kind) {
  switch (kind) {
    case Reference::Kind::function: return "function";
    case Reference::Kind::map: return "map";
    case Reference::Kind::map_value: return "map_value";
    case Reference::Kind::variable: return "variable";
    case Reference::Kind::extern_: return "extern";
    case Reference::Kind::label: return "label";
  }
  return "unknown";
}

void print_map(std::string& out, const MapSpec& map, std::string_view indent) {
  line(out, "{}map {} section {} kind {} type {}", indent, quote(map.name), quote(map.section), to_string(map.kind),
       named(map.type));
  line(out, "{}  key_size {} value_size {} max_entries {} flags {:#x} map_extra {:#x} numa_node {} pinning {}", indent,
       map.key_size, map.value_size, map.max_entries, map.flags, map.map_extra, map.numa_node,
       map.pinning == Pinning::by_name ? "by_name" : "none");
  line(out, "{}  key_type {} value_type {} autocreate {}", indent, number(map.key_type), number(map.value_type),
       map.autocreate);
  for (const auto& slot : map.slots) line(out, "{}  slot {} {}", indent, slot.index, quote(slot.symbol));
  if (!map.contents.empty()) line(out, "{}  contents {}", indent, to_hex(map.contents));
  for (const auto& symbol : map.symbols)
    line(out, "{}  symbol {} at {} size {}", indent, quote(symbol.name), symbol.offset, symbol.size);
  const std::string deeper = std::string(indent) + "  ";
  for (const auto& inner : map.inner) print_map(out, inner, deeper);
}

void print_instruction(std::string& out, const Code& code, std::uint32_t slot) {
  const auto& insn = code.insns[slot];
  fmt::format_to(Out(out), "    {}: {} dst r{} src r{} off {} imm {:#x}", slot, info(insn.op).name, number(insn.dst),
                 number(insn.src), insn.off, insn.imm);
  if (const auto* reference = code.reference_at(slot))
    fmt::format_to(Out(out), " -> {} {}", to_string(reference->kind), quote(reference->symbol));
  out += '\n';
}

void print_code(std::string& out, const Code& code) {
  for (const auto& function : code.functions)
    line(out, "  function {} at {} type {}", quote(function.name), function.slot, function.type_id);
  for (const auto& label : code.labels) line(out, "  label {} at {}", quote(label.name), label.slot);
  for (std::uint32_t slot = 0; slot < code.size(); ++slot) print_instruction(out, code, slot);
  for (std::size_t i = 0; i < code.files.size(); ++i) line(out, "  file {} {}", i, quote(code.files[i]));
  for (const auto& source : code.lines)
    line(out, "  line at {} file {} {}:{} {}", source.slot, source.file, source.line, source.column,
         quote(source.text));
}

void print_program(std::string& out, const ProgramSpec& program, std::string_view what) {
  line(out, "{} {} section {} type {} attach_type {} attach_to {}", what, quote(program.name), quote(program.section),
       named(program.type), program.attach_type ? named(*program.attach_type) : "none", quote(program.attach_to));
  line(out, "  flags {:#x} autoload {} sleepable {} global {} hidden {}", program.flags, program.autoload,
       program.sleepable, program.global, program.hidden);
  if (!program.problem.empty()) line(out, "  problem {}", quote(program.problem));
  if (!program.undecoded.empty()) line(out, "  undecoded {}", to_hex(program.undecoded));
  print_code(out, program.code);
  for (const auto& relocation : program.core_relocations)
    line(out, "  core at {} type {} access {} kind {}", relocation.slot, number(relocation.type),
         quote(relocation.access), relocation.kind);
}

}  // namespace

std::string print(const ProgramSpec& program) {
  std::string out;
  print_program(out, program, "program");
  return out;
}

std::string print(const CollectionSpec& collection) {
  std::string out;
  line(out, "byte_order {}", to_string(collection.byte_order));
  line(out, "license {}", quote(collection.license));
  line(out, "version {:#x}", collection.version);
  for (const auto& warning : collection.warnings) line(out, "warning {}", quote(warning));
  for (const auto& map : collection.maps) print_map(out, map, "");
  for (const auto& variable : collection.variables)
    line(out, "variable {} section {} offset {} size {} type {} weak {}", quote(variable.name), quote(variable.section),
         variable.offset, variable.size, number(variable.type), variable.weak);
  for (const auto& one : collection.externs)
    line(out, "extern {} kind {} type {} weak {}{}", quote(one.name), to_string(one.kind), number(one.type), one.weak,
         one.given ? " given" : "");
  for (const auto& program : collection.programs) print_program(out, program, "program");
  for (const auto& subprogram : collection.subprograms) print_program(out, subprogram, "subprogram");
  out += print(collection.types);
  return out;
}

}  // namespace skep
