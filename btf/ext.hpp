// .BTF.ext: which function, source line and CO-RE relocation belongs to which instruction. Offsets are
// bytes from the start of the ELF section that each group names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "skep/btf/btf.hpp"

namespace skep::btf {

struct FuncRecord {
  std::uint32_t insn_offset = 0;  // bytes
  TypeId type{};                  // a FUNC
  bool operator==(const FuncRecord&) const = default;
};

struct LineRecord {
  std::uint32_t insn_offset = 0;  // bytes
  std::string_view file, text;    // views into the Btf
  std::uint32_t line = 0, column = 0;
  bool operator==(const LineRecord&) const = default;
};

// kind: enum bpf_core_relo_kind (0..12).
struct CoreRecord {
  std::uint32_t insn_offset = 0;  // bytes
  TypeId type{};
  std::string_view access;  // "0:1:2", a view into the Btf
  std::uint32_t kind = 0;
  bool operator==(const CoreRecord&) const = default;
};

// The records of one ELF section, in the order of the file.
template <class Record>
struct SectionRecords {
  std::string_view section;
  std::vector<Record> records;
};

struct Ext {
  std::vector<SectionRecords<FuncRecord>> funcs;
  std::vector<SectionRecords<LineRecord>> lines;
  std::vector<SectionRecords<CoreRecord>> core;

  // Parses a .BTF.ext section; strings come from `btf`, and so does the byte order. Records longer than
  // what is known here are accepted, their tail ignored. Errors: malformed, with the table and offset.
  static Result<Ext> parse(Bytes raw, const Btf& btf);
};

}  // namespace skep::btf
