// The sections, symbols and relocations of an ELF object, checked. This is the gate for every byte of it:
// what a File hands out lies inside of the bytes that it was opened on.
//
// libelf translates records between byte orders and nothing else: its own parsing trusts headers, so every
// offset, size and index is verified here before anything is read. Accepted: ELFCLASS64, ET_REL,
// e_machine 0 or EM_BPF, either byte order, exactly one symbol table (libbpf's rules, and extended section
// numbering from the ELF specification).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "skep/base/bytes.hpp"

namespace skep::elf {

struct Section {
  std::uint32_t index = 0;
  std::string_view name;
  std::uint32_t type = 0;   // SHT_*
  std::uint64_t flags = 0;  // SHF_*
  Bytes data;               // empty for SHT_NOBITS
  std::uint64_t size = 0;   // bytes, also of SHT_NOBITS
  std::uint32_t link = 0, info = 0;
  std::uint64_t entry_size = 0;  // bytes per record, as declared
  bool compressed = false;       // SHF_COMPRESSED; only sections that a program can do without (see file.cpp)

  bool executable() const;  // PROGBITS with instructions
};

struct Symbol {
  std::string_view name;
  std::uint64_t value = 0, size = 0;                   // bytes; value: offset into its section
  std::uint16_t section = 0;                           // SHN_UNDEF, an index, or a special number from SHN_LORESERVE on
  std::uint8_t type = 0, binding = 0, visibility = 0;  // STT_*, STB_*, STV_*

  bool global() const;  // GLOBAL or WEAK
  bool weak() const;
  bool hidden() const;  // STV_HIDDEN or STV_INTERNAL
  bool undefined() const;
};

struct Relocation {
  std::uint64_t offset = 0;  // bytes, in the section that is relocated
  std::uint32_t symbol = 0;  // index into symbols(), valid
  std::uint32_t type = 0;    // R_BPF_*
};

class File {
 public:
  // Borrows `bytes`, which must outlive the File and the names and bytes that it hands out.
  // Errors: malformed (with the section's index and name), not_supported (another kind of ELF, a compressed
  // section).
  static Result<File> open(Bytes bytes);

  ByteOrder byte_order() const { return order_; }
  std::size_t size() const { return bytes_.size(); }

  // By index; the first one is the null section.
  const std::vector<Section>& sections() const { return sections_; }
  const std::vector<Symbol>& symbols() const { return symbols_; }
  // Indices into symbols() of those that are in a section, ascending.
  const std::vector<std::uint32_t>& symbols_of(const Section& section) const { return symbols_of_[section.index]; }
  // The first section of that name; null if there is none.
  const Section* section(std::string_view name) const;

  // The records of a SHT_REL section. Errors: malformed, with the record's number.
  Result<std::vector<Relocation>> relocations(const Section& section) const;

  // What a symbol is called in messages: its name, or for a section symbol the section's.
  std::string_view label(const Symbol& symbol) const;

 private:
  struct Header;  // what the ELF header says of the section table

  Result<Header> read_header();
  Result<> read_sections(const Header& header);
  Result<> check_overlap() const;
  Result<> read_symbols();
  Result<std::string_view> name_at(const Section& strings, std::uint64_t offset) const;

  Bytes bytes_;
  ByteOrder order_ = ByteOrder::little;
  std::vector<Section> sections_;
  std::vector<Symbol> symbols_;
  std::vector<std::vector<std::uint32_t>> symbols_of_;  // by section
};

// `section 5 ".text"`, as messages name it.
std::string describe(const Section& section);

}  // namespace skep::elf
