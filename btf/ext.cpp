// .BTF.ext: header, then up to three tables of the same build:
//
//   u32 rec_size, then groups: u32 section name, u32 count, count records of rec_size bytes
//
// Source: Documentation/bpf/btf.rst §4.2. The strings are those of .BTF.
#include "skep/btf/ext.hpp"

#include "skep/btf/header.hpp"

namespace skep::btf {
namespace {

constexpr std::uint32_t kShortHeader = 24, kLongHeader = 32;
constexpr std::uint32_t kInstruction = 8;

// Reads the strings and ids of one record.
class RecordReader {
 public:
  RecordReader(const std::byte* at, const Btf& btf, std::uint64_t string_end)
      : at_(at), btf_(btf), string_end_(string_end) {}

  std::uint32_t u32(std::size_t field) const { return load<std::uint32_t>(at_ + field * 4, btf_.byte_order()); }

  Result<std::string_view> string(std::size_t field) const {
    const auto offset = u32(field);
    if (offset >= string_end_)
      return fail(Errc::malformed, "string offset {} lies outside of {} bytes", offset, string_end_);
    return btf_.string(offset);
  }

  Result<TypeId> type(std::size_t field) const {
    if (u32(field) >= btf_.type_count())
      return fail(Errc::malformed, "refers to type {}, there are {}", u32(field), btf_.type_count());
    return TypeId{u32(field)};
  }

  Result<std::uint32_t> instruction() const {
    if (u32(0) % kInstruction != 0)
      return fail(Errc::malformed, "instruction offset {} is not a multiple of 8", u32(0));
    return u32(0);
  }

 private:
  const std::byte* at_;
  const Btf& btf_;
  std::uint64_t string_end_;
};

Result<> read(const RecordReader& in, const Btf& btf, FuncRecord& out) {
  out.insn_offset = SKEP_TRY(in.instruction());
  out.type = SKEP_TRY(in.type(1));
  if (btf.kind(out.type) != Kind::Func)
    return fail(Errc::malformed, "{} is no FUNC", btf.describe(out.type));
  return {};
}

Result<> read(const RecordReader& in, const Btf&, LineRecord& out) {
  out.insn_offset = SKEP_TRY(in.instruction());
  out.file = SKEP_TRY_CTX(in.string(1), "file");
  out.text = SKEP_TRY_CTX(in.string(2), "line");
  out.line = in.u32(3) >> 10;
  out.column = in.u32(3) & 1023;
  return {};
}

Result<> read(const RecordReader& in, const Btf&, CoreRecord& out) {
  out.insn_offset = SKEP_TRY(in.instruction());
  out.type = SKEP_TRY(in.type(1));
  out.access = SKEP_TRY_CTX(in.string(2), "access string");
  out.kind = in.u32(3);
  return {};
}

template <class Record>
constexpr std::uint32_t kKnownSize = 16;
template <>
constexpr std::uint32_t kKnownSize<FuncRecord> = 8;

// `place`: where the table lies in .BTF.ext, for messages.
template <class Record>
Result<std::vector<SectionRecords<Record>>> read_table(Bytes table, std::size_t place, const Btf& btf,
                                                       std::uint64_t string_end) {
  std::vector<SectionRecords<Record>> groups;
  if (table.empty()) return groups;
  ByteReader reader(table, btf.byte_order());
  const auto size = SKEP_TRY(reader.read<std::uint32_t>());
  if (size < kKnownSize<Record> || size % 4 != 0)
    return fail(Errc::malformed, "offset {}: records of {} bytes, at least {} and a multiple of 4 expected", place,
                size, kKnownSize<Record>);
  while (reader.left() > 0) {
    const auto at = place + reader.offset();
    const auto name = SKEP_TRY_CTX(reader.take(8), "group at offset {}", at);
    const RecordReader group(name.data(), btf, string_end);
    const auto section = SKEP_TRY_CTX(group.string(0), "group at offset {}: section name", at);
    const auto count = group.u32(1);
    if (section.empty()) return fail(Errc::malformed, "group at offset {}: the section has no name", at);
    if (count == 0) return fail(Errc::malformed, "section \"{}\" at offset {}: no records", section, at);
    if (count > reader.left() / size)
      return fail(Errc::malformed, "section \"{}\" at offset {}: {} records of {} bytes, {} bytes left", section, at,
                  count, size, reader.left());
    SectionRecords<Record> records{.section = section, .records = {}};
    records.records.resize(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto where = place + reader.offset();
      const auto bytes = SKEP_TRY(reader.take(size));
      SKEP_TRY_CTX(read(RecordReader(bytes.data(), btf, string_end), btf, records.records[i]),
                   "section \"{}\": record {} at offset {}", section, i, where);
    }
    groups.push_back(std::move(records));
  }
  return groups;
}

struct Table {
  Bytes bytes;
  std::size_t place = 0;
};

// The two fields of the header that locate a table; offsets count from the end of the header.
Result<Table> locate(Bytes raw, ByteOrder order, std::uint32_t header_size, std::size_t field) {
  const auto offset = load<std::uint32_t>(raw.data() + field, order);
  const auto size = load<std::uint32_t>(raw.data() + field + 4, order);
  if (size == 0) return Table{};
  const auto room = raw.size() - header_size;
  if (offset % 4 != 0) return fail(Errc::malformed, "offset {} is not a multiple of 4", offset);
  if (std::uint64_t{offset} + size > room)
    return fail(Errc::malformed, "offset {} with {} bytes exceeds the {} bytes after the header", offset, size, room);
  return Table{raw.subspan(header_size + offset, size), header_size + offset};
}

}  // namespace

Result<Ext> Ext::parse(Bytes raw, const Btf& btf) {
  if (raw.size() < kShortHeader)
    return fail(Errc::malformed, "{} bytes are too few for a .BTF.ext header of {}", raw.size(), kShortHeader);
  const auto order = detail::order_of_magic(raw);
  if (!order) return fail(Errc::malformed, "offset 0: not .BTF.ext (no magic 0xeb9f)");
  if (*order != btf.byte_order())
    return fail(Errc::malformed, ".BTF.ext is {}-endian, .BTF is {}-endian", to_string(*order),
                to_string(btf.byte_order()));
  if (const auto version = load<std::uint8_t>(raw.data() + 2); version != 1)
    return fail(Errc::malformed, "offset 2: .BTF.ext version {}, only 1 is known", version);
  const auto header = load<std::uint32_t>(raw.data() + 4, *order);
  if (header < kShortHeader || header > raw.size())
    return fail(Errc::malformed, "offset 4: header size {} is not within {}..{}", header, kShortHeader, raw.size());

  const auto string_end = btf.string_end();
  const auto funcs = SKEP_TRY_CTX(locate(raw, *order, header, 8), "func_info");
  const auto lines = SKEP_TRY_CTX(locate(raw, *order, header, 16), "line_info");
  Table core;
  if (header >= kLongHeader) core = SKEP_TRY_CTX(locate(raw, *order, header, 24), "core_relo");
  Ext ext;
  ext.funcs = SKEP_TRY_CTX(read_table<FuncRecord>(funcs.bytes, funcs.place, btf, string_end), "func_info");
  ext.lines = SKEP_TRY_CTX(read_table<LineRecord>(lines.bytes, lines.place, btf, string_end), "line_info");
  ext.core = SKEP_TRY_CTX(read_table<CoreRecord>(core.bytes, core.place, btf, string_end), "core_relo");
  return ext;
}

}  // namespace skep::btf
