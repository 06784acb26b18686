#include "skep/btf/program_btf.hpp"

#include <algorithm>

#include "skep/btf/encode_ext.hpp"

namespace skep::btf {
namespace {

constexpr std::uint32_t kSlot = 8;  // bytes

template <class Record>
Result<> check_order(std::span<const Record> records, std::string_view what) {
  for (std::size_t i = 1; i < records.size(); ++i)
    if (records[i].slot < records[i - 1].slot)
      return fail(Errc::invalid, "{} {} at slot {} comes after slot {}", what, i, records[i].slot,
                  records[i - 1].slot);
  if (!records.empty() && records.back().slot > UINT32_MAX / kSlot)
    return fail(Errc::invalid, "{} at slot {}", what, records.back().slot);
  return {};
}

// Copies a FUNC and what it needs. Its linkage may change; two programs of one object share nothing here.
Result<TypeId> copy_function(const ProgramSource& source, const ProgramFunction& function, Copier& copier,
                             Builder& builder) {
  if (source.types.kind(function.type) != Kind::Func)
    return fail(Errc::invalid, "{} is no FUNC", source.types.describe(function.type));
  const auto id = SKEP_TRY(copier.copy(function.type));
  if (!function.is_static) return id;
  auto func = SKEP_TRY(source.types.get<Func>(function.type));
  func.proto = *copier.copied(func.proto);
  func.linkage = Linkage::static_;
  SKEP_TRY(builder.replace(id, func));
  return id;
}

// One record for each slot, the last that names it.
std::vector<LineRecord> line_records(const ProgramSource& source) {
  std::vector<LineRecord> records;
  for (const auto& line : source.lines) {
    const LineRecord record{line.slot * kSlot, line.file, line.text, line.line, line.column};
    if (!records.empty() && records.back().insn_offset == record.insn_offset) records.back() = record;
    else records.push_back(record);
  }
  return records;
}

// The function that begins without a line of its own, if there is one.
const ProgramFunction* without_line(const ProgramSource& source) {
  for (const auto& function : source.functions) {
    const auto at = std::lower_bound(source.lines.begin(), source.lines.end(), function.slot,
                                     [](const ProgramLine& line, std::uint32_t slot) { return line.slot < slot; });
    if (at == source.lines.end() || at->slot != function.slot) return &function;
  }
  return nullptr;
}

// The records as BPF_PROG_LOAD takes them.
Result<> add_kernel_records(const Ext& ext, Builder& builder, ProgramBtf& out) {
  ByteWriter funcs(builder.byte_order()), lines(builder.byte_order());
  for (const auto& group : ext.funcs)
    for (const auto& record : group.records)
      for (const auto word : {record.insn_offset / kSlot, number(record.type)}) funcs.write(word);
  for (const auto& group : ext.lines)
    for (const auto& record : group.records) {
      const auto file = SKEP_TRY(builder.string(record.file));
      const auto text = SKEP_TRY(builder.string(record.text));
      const auto where = SKEP_TRY(line_and_column(record));
      for (const auto word : {record.insn_offset / kSlot, file, text, where}) lines.write(word);
    }
  out.func_info = std::move(funcs).bytes();
  out.line_info = std::move(lines).bytes();
  return {};
}

}  // namespace

Result<ProgramBtf> program_btf(const ProgramSource& source, std::string_view section) {
  SKEP_TRY(check_order(source.functions, "function"));
  SKEP_TRY(check_order(source.lines, "line"));
  ProgramBtf out;
  Builder builder(source.types.byte_order());
  Copier copier(builder, source.types);
  Ext ext;

  const auto untyped = std::find_if(source.functions.begin(), source.functions.end(),
                                    [](const ProgramFunction& function) { return function.type == TypeId::none; });
  if (source.functions.empty() || untyped != source.functions.end()) {
    out.left_out = source.functions.empty() ? std::string("no functions are known")
                                            : fmt::format("the function at slot {} has no type", untyped->slot);
  } else {
    SectionRecords<FuncRecord> funcs{.section = section, .records = {}};
    for (const auto& function : source.functions)
      funcs.records.push_back({function.slot * kSlot, SKEP_TRY_CTX(copy_function(source, function, copier, builder),
                                                                   "function at slot {}", function.slot)});
    ext.funcs.push_back(std::move(funcs));
    if (const auto* bare = without_line(source))
      out.left_out = fmt::format("the function at slot {} begins without a line", bare->slot);
    else
      ext.lines.push_back({.section = section, .records = line_records(source)});
  }
  for (const auto id : source.more_types)
    out.more_types.push_back(SKEP_TRY_CTX(copier.copy(id), "type {}", number(id)));

  out.ext = SKEP_TRY(encode_ext(ext, builder));
  SKEP_TRY(add_kernel_records(ext, builder, out));
  out.btf = SKEP_TRY(builder.encode());
  return out;
}

}  // namespace skep::btf
