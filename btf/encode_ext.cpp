#include "skep/btf/encode_ext.hpp"

namespace skep::btf {
namespace {

constexpr std::uint32_t kShortHeader = 24, kLongHeader = 32;

Result<TypeId> checked(TypeId type, const Builder& builder) {
  if (number(type) >= builder.type_count())
    return fail(Errc::invalid, "type {}, there are {}", number(type), builder.type_count());
  return type;
}

Result<> write(const FuncRecord& record, Builder& builder, ByteWriter& out) {
  out.write(record.insn_offset);
  out.write(number(SKEP_TRY(checked(record.type, builder))));
  return {};
}

Result<> write(const LineRecord& record, Builder& builder, ByteWriter& out) {
  out.write(record.insn_offset);
  out.write(SKEP_TRY_CTX(builder.string(record.file), "file"));
  out.write(SKEP_TRY_CTX(builder.string(record.text), "line"));
  out.write(SKEP_TRY(line_and_column(record)));
  return {};
}

Result<> write(const CoreRecord& record, Builder& builder, ByteWriter& out) {
  out.write(record.insn_offset);
  out.write(number(SKEP_TRY(checked(record.type, builder))));
  out.write(SKEP_TRY_CTX(builder.string(record.access), "access string"));
  out.write(record.kind);
  return {};
}

template <class Record>
constexpr std::uint32_t kRecordSize = 16;
template <>
constexpr std::uint32_t kRecordSize<FuncRecord> = 8;

template <class Record>
Result<std::vector<std::byte>> write_table(const std::vector<SectionRecords<Record>>& groups, Builder& builder) {
  ByteWriter out(builder.byte_order());
  for (const auto& group : groups) {
    if (group.records.empty()) continue;
    if (out.size() == 0) out.write(kRecordSize<Record>);
    if (group.section.empty()) return fail(Errc::invalid, "a section without a name");
    out.write(SKEP_TRY_CTX(builder.string(group.section), "section name"));
    if (group.records.size() > UINT32_MAX / kRecordSize<Record>)
      return fail(Errc::invalid, "section \"{}\": {} records", group.section, group.records.size());
    out.write(static_cast<std::uint32_t>(group.records.size()));
    for (std::size_t i = 0; i < group.records.size(); ++i)
      SKEP_TRY_CTX(write(group.records[i], builder, out), "section \"{}\": record {}", group.section, i);
  }
  return std::move(out).bytes();
}

}  // namespace

Result<std::uint32_t> line_and_column(const LineRecord& record) {
  constexpr unsigned kColumnBits = 10;
  if (record.line >> (32 - kColumnBits) != 0 || record.column >> kColumnBits != 0)
    return fail(Errc::invalid, "line {}, column {}: at most {} and {}", record.line, record.column,
                (1u << (32 - kColumnBits)) - 1, (1u << kColumnBits) - 1);
  return record.line << kColumnBits | record.column;
}

Result<std::vector<std::byte>> encode_ext(const Ext& ext, Builder& builder) {
  const auto funcs = SKEP_TRY_CTX(write_table(ext.funcs, builder), "func_info");
  const auto lines = SKEP_TRY_CTX(write_table(ext.lines, builder), "line_info");
  const auto core = SKEP_TRY_CTX(write_table(ext.core, builder), "core_relo");
  const auto header = core.empty() ? kShortHeader : kLongHeader;
  if (header + std::uint64_t{funcs.size()} + lines.size() + core.size() > UINT32_MAX)
    return fail(Errc::invalid, "records of more than 4 GiB");

  ByteWriter out(builder.byte_order());
  out.write(std::uint16_t{0xeb9f});
  out.write(std::uint8_t{1});  // version
  out.write(std::uint8_t{0});  // flags
  out.write(header);
  std::uint32_t offset = 0;
  for (const auto* table : {&funcs, &lines, &core}) {
    if (out.size() == header) break;  // no place for CO-RE records, and none to place
    out.write(offset);
    out.write(static_cast<std::uint32_t>(table->size()));
    offset += static_cast<std::uint32_t>(table->size());
  }
  for (const auto* table : {&funcs, &lines, &core}) out.write(*table);
  return std::move(out).bytes();
}

}  // namespace skep::btf
