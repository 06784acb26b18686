// What the kernel is told about the types and source lines of one program: BTF with nothing but what the program
// needs, and the func_info and line_info that BPF_PROG_LOAD takes beside the code. An object's own BTF describes
// all its programs before they were linked; the linked code has functions and lines elsewhere.
//
// Sources: kernel/bpf/verifier.c (check_btf_func, check_btf_line): one func_info record for every function, the
// first at 0, ascending; line_info ascending, with one at the start of every function.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "skep/btf/ext.hpp"

namespace skep::btf {

// Positions are slots of the linked code.
struct ProgramFunction {
  std::uint32_t slot = 0;
  TypeId type{};  // its FUNC in `types`; none if unknown
  bool is_static = false;  // to be verified as part of its callers, whatever its FUNC says (a hidden function)
};
struct ProgramLine {
  std::uint32_t slot = 0;
  std::string_view file, text;
  std::uint32_t line = 0, column = 0;
};

// What is known of a linked program.
struct ProgramSource {
  Btf types;
  std::span<const ProgramFunction> functions;  // all of them, by slot, the program itself first
  std::span<const ProgramLine> lines;          // by slot
  std::span<const TypeId> more_types;          // also needed: of maps, of CO-RE's local type ids
};

struct ProgramBtf {
  static constexpr std::uint32_t kFuncInfoSize = 8, kLineInfoSize = 16;  // the kernel's func_info_rec_size, ...

  std::vector<std::byte> btf;  // .BTF
  std::vector<std::byte> ext;  // .BTF.ext: the same records with offsets in bytes, of the section that was named
  // For BPF_PROG_LOAD, in the byte order of the types.
  std::vector<std::byte> func_info, line_info;
  std::vector<TypeId> more_types;  // the ids in `btf`, in the order they were asked for
  std::string left_out;  // why func_info or line_info is empty, where it is; "" if nothing was left out
};

// `section`: under what name .BTF.ext lists the code. The kernel refuses incomplete records, so that they are left out
// as a whole: both without the type of a function, line_info when a function begins without a line. Errors: invalid
// (functions or lines out of order, a type that is no FUNC), and those of Copier and encode_ext.
Result<ProgramBtf> program_btf(const ProgramSource& source, std::string_view section);

}  // namespace skep::btf
