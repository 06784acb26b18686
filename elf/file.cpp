// ELF records out of checked ranges. Limits that the format does not have, and that keep the work in
// proportion to the file: no two sections share bytes (the ELF specification forbids it too), and a name
// has at most kNameMax bytes, since many symbols can point at one string.
#include "skep/elf/file.hpp"

#include <algorithm>

#include <libelf.h>

namespace skep::elf {
namespace {

constexpr std::uint16_t kMachineBpf = 247;       // EM_BPF
constexpr std::uint64_t kCompressed = 1u << 11;  // SHF_COMPRESSED
constexpr std::size_t kNameMax = 4096;

unsigned encoding(ByteOrder order) { return order == ByteOrder::little ? ELFDATA2LSB : ELFDATA2MSB; }

// Translates records of type T that fill `from` exactly. libelf sees these bytes alone.
template <class T>
Result<std::vector<T>> translate(Bytes from, Elf_Type type, ByteOrder order) {
  std::vector<T> records(from.size() / sizeof(T));
  if (records.empty()) return records;
  elf_version(EV_CURRENT);
  Elf_Data source{}, target{};
  // libelf does not write to its source; the field is not const because one struct serves both ways.
  source.d_buf = const_cast<std::byte*>(from.data());
  source.d_size = records.size() * sizeof(T);
  source.d_type = type;
  source.d_version = EV_CURRENT;
  target.d_buf = records.data();
  target.d_size = source.d_size;
  target.d_type = type;
  target.d_version = EV_CURRENT;
  if (!elf64_xlatetom(&target, &source, encoding(order)))
    return fail(Errc::malformed, "cannot read records: {}", elf_errmsg(-1));
  return records;
}

// Sections that may be compressed: nobody reads them, or what they say can be left out. Any other one would be taken
// for what its compressed bytes happen to be (libbpf does not look at the flag).
bool may_be_compressed(std::string_view name) {
  if (name.starts_with(".rel")) name.remove_prefix(4);
  return name.starts_with(".debug") || name.starts_with(".zdebug") || name == ".BTF" || name == ".BTF.ext";
}

}  // namespace

bool Section::executable() const { return type == SHT_PROGBITS && (flags & SHF_EXECINSTR) != 0; }

bool Symbol::global() const { return binding == STB_GLOBAL || binding == STB_WEAK; }
bool Symbol::weak() const { return binding == STB_WEAK; }
bool Symbol::hidden() const { return visibility == STV_HIDDEN || visibility == STV_INTERNAL; }
bool Symbol::undefined() const { return section == SHN_UNDEF; }

std::string describe(const Section& section) { return fmt::format("section {} \"{}\"", section.index, section.name); }

struct File::Header {
  std::uint64_t table = 0;  // offset of the section headers
  std::uint64_t count = 0;
  std::uint32_t names = 0;  // index of the section with their names
};

Result<File> File::open(Bytes bytes) {
  File file;
  file.bytes_ = bytes;
  const auto header = SKEP_TRY_CTX(file.read_header(), "ELF header");
  SKEP_TRY(file.read_sections(header));
  SKEP_TRY(file.check_overlap());
  SKEP_TRY(file.read_symbols());
  return file;
}

Result<File::Header> File::read_header() {
  if (bytes_.size() < sizeof(Elf64_Ehdr))
    return fail(Errc::malformed, "the file has {} bytes, a header has {}", bytes_.size(), sizeof(Elf64_Ehdr));
  const auto ident = as_text(bytes_.first(EI_NIDENT));
  if (!ident.starts_with(ELFMAG)) return fail(Errc::malformed, "no ELF file (it does not begin with 7f 45 4c 46)");
  if (ident[EI_CLASS] != ELFCLASS64) return fail(Errc::malformed, "not a 64-bit ELF file");
  if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
    return fail(Errc::malformed, "byte order {} is neither little (1) nor big (2)",
                static_cast<unsigned char>(ident[EI_DATA]));
  order_ = ident[EI_DATA] == ELFDATA2LSB ? ByteOrder::little : ByteOrder::big;

  const auto ehdr = SKEP_TRY(translate<Elf64_Ehdr>(bytes_.first(sizeof(Elf64_Ehdr)), ELF_T_EHDR, order_)).front();
  if (ehdr.e_type != ET_REL) return fail(Errc::malformed, "type {} is no relocatable object (1)", ehdr.e_type);
  if (ehdr.e_machine != EM_NONE && ehdr.e_machine != kMachineBpf)
    return fail(Errc::malformed, "machine {} is not BPF (247)", ehdr.e_machine);
  if (ehdr.e_shoff == 0) return fail(Errc::malformed, "there are no sections");
  if (ehdr.e_shentsize != sizeof(Elf64_Shdr))
    return fail(Errc::malformed, "section headers of {} bytes, not {}", ehdr.e_shentsize, sizeof(Elf64_Shdr));
  if (ehdr.e_shoff > bytes_.size() || bytes_.size() - ehdr.e_shoff < sizeof(Elf64_Shdr))
    return fail(Errc::malformed, "section headers at {:#x} are outside of the file ({:#x} bytes)", ehdr.e_shoff,
                bytes_.size());

  Header header{ehdr.e_shoff, ehdr.e_shnum, ehdr.e_shstrndx};
  // Numbers that do not fit are in the null section's header.
  const auto first =
      SKEP_TRY(translate<Elf64_Shdr>(bytes_.subspan(header.table, sizeof(Elf64_Shdr)), ELF_T_SHDR, order_)).front();
  if (header.count == 0) header.count = first.sh_size;
  if (header.names == SHN_XINDEX) header.names = first.sh_link;
  if (header.count == 0 || header.count > (bytes_.size() - header.table) / sizeof(Elf64_Shdr))
    return fail(Errc::malformed, "{} section headers at {:#x} are outside of the file ({:#x} bytes)", header.count,
                header.table, bytes_.size());
  return header;
}

Result<> File::read_sections(const Header& header) {
  const auto table = bytes_.subspan(header.table, header.count * sizeof(Elf64_Shdr));
  const auto records = SKEP_TRY_CTX(translate<Elf64_Shdr>(table, ELF_T_SHDR, order_), "section headers");
  sections_.reserve(records.size());
  for (const auto& record : records) {
    Section section;
    section.index = static_cast<std::uint32_t>(sections_.size());
    section.type = record.sh_type;
    section.flags = record.sh_flags;
    section.size = record.sh_size;
    section.link = record.sh_link;
    section.info = record.sh_info;
    section.entry_size = record.sh_entsize;
    if (section.index == 0 || section.type == SHT_NULL) {
      section.type = SHT_NULL;
      section.size = 0;
    } else if (section.type != SHT_NOBITS) {
      if (record.sh_offset > bytes_.size() || section.size > bytes_.size() - record.sh_offset)
        return fail(Errc::malformed, "section {}: {:#x} bytes at {:#x} are outside of the file ({:#x} bytes)",
                    section.index, section.size, record.sh_offset, bytes_.size());
      section.data = bytes_.subspan(record.sh_offset, section.size);
    }
    sections_.push_back(section);
  }

  if (header.names >= sections_.size() || sections_[header.names].type != SHT_STRTAB)
    return fail(Errc::malformed, "ELF header: section {} does not hold the names of the sections", header.names);
  for (auto& section : sections_) {
    section.name = SKEP_TRY_CTX(name_at(sections_[header.names], records[section.index].sh_name), "name of section {}",
                                section.index);
    section.compressed = (section.flags & kCompressed) != 0 && section.type != SHT_NULL;
    if (section.compressed && !may_be_compressed(section.name))
      return fail(Errc::not_supported, "{}: compressed sections are not supported", describe(section));
  }
  return {};
}

Result<> File::check_overlap() const {
  std::vector<const Section*> by_place;
  for (const auto& section : sections_)
    if (!section.data.empty()) by_place.push_back(&section);
  std::sort(by_place.begin(), by_place.end(), [](const Section* a, const Section* b) {
    return a->data.data() != b->data.data() ? a->data.data() < b->data.data() : a->index < b->index;
  });
  for (std::size_t i = 1; i < by_place.size(); ++i) {
    const auto& before = *by_place[i - 1];
    if (before.data.data() + before.data.size() > by_place[i]->data.data())
      return fail(Errc::malformed, "{} and {} share bytes of the file", describe(before), describe(*by_place[i]));
  }
  return {};
}

Result<std::string_view> File::name_at(const Section& strings, std::uint64_t offset) const {
  if (offset == 0 && strings.data.empty()) return std::string_view();
  if (offset >= strings.data.size())
    return fail(Errc::malformed, "string offset {:#x} is outside of section {} ({:#x} bytes)", offset, strings.index,
                strings.data.size());
  const auto rest = as_text(strings.data.subspan(offset)).substr(0, kNameMax + 1);
  const auto end = rest.find('\0');
  if (end == std::string_view::npos)
    return fail(Errc::malformed, "the string at offset {:#x} of section {} does not end, or has more than {} bytes",
                offset, strings.index, kNameMax);
  return rest.substr(0, end);
}

Result<> File::read_symbols() {
  const Section* table = nullptr;
  for (const auto& section : sections_) {
    if (section.type != SHT_SYMTAB) continue;
    if (table) return fail(Errc::malformed, "{} and {} are both symbol tables", describe(*table), describe(section));
    table = &section;
  }
  if (!table) return fail(Errc::malformed, "there is no symbol table (stripped?)");
  const auto context = [&](const Error& error) { return std::unexpected(error.context("{}", describe(*table))); };
  if (table->entry_size != sizeof(Elf64_Sym) || table->size % sizeof(Elf64_Sym) != 0)
    return fail(Errc::malformed, "{}: symbols of {} bytes in a table of {}, not {}", describe(*table),
                table->entry_size, table->size, sizeof(Elf64_Sym));
  if (table->link >= sections_.size() || sections_[table->link].type != SHT_STRTAB)
    return fail(Errc::malformed, "{}: section {} does not hold the names of the symbols", describe(*table),
                table->link);

  const auto records = translate<Elf64_Sym>(table->data, ELF_T_SYM, order_);
  if (!records) return context(records.error());
  symbols_.reserve(records->size());
  symbols_of_.resize(sections_.size());
  for (const auto& record : *records) {
    const auto name = name_at(sections_[table->link], record.st_name);
    if (!name) return context(name.error().context("symbol {}", symbols_.size()));
    if (record.st_shndx >= sections_.size() && record.st_shndx < SHN_LORESERVE)
      return fail(Errc::malformed, "{}: symbol {} \"{}\" is in section {}, there are {}", describe(*table),
                  symbols_.size(), *name, record.st_shndx, sections_.size());
    if (record.st_shndx < sections_.size())
      symbols_of_[record.st_shndx].push_back(static_cast<std::uint32_t>(symbols_.size()));
    symbols_.push_back({*name, record.st_value, record.st_size, record.st_shndx,
                        static_cast<std::uint8_t>(ELF64_ST_TYPE(record.st_info)),
                        static_cast<std::uint8_t>(ELF64_ST_BIND(record.st_info)),
                        static_cast<std::uint8_t>(ELF64_ST_VISIBILITY(record.st_other))});
  }
  return {};
}

const Section* File::section(std::string_view name) const {
  const auto found =
      std::find_if(sections_.begin(), sections_.end(), [&](const Section& section) { return section.name == name; });
  return found == sections_.end() ? nullptr : &*found;
}

Result<std::vector<Relocation>> File::relocations(const Section& section) const {
  if (section.entry_size != sizeof(Elf64_Rel) || section.size % sizeof(Elf64_Rel) != 0)
    return fail(Errc::malformed, "{}: relocations of {} bytes in a table of {}, not {}", describe(section),
                section.entry_size, section.size, sizeof(Elf64_Rel));
  const auto records = SKEP_TRY_CTX(translate<Elf64_Rel>(section.data, ELF_T_REL, order_), "{}", describe(section));
  std::vector<Relocation> relocations;
  relocations.reserve(records.size());
  for (const auto& record : records) {
    const auto symbol = static_cast<std::uint32_t>(ELF64_R_SYM(record.r_info));
    if (symbol >= symbols_.size())
      return fail(Errc::malformed, "{}: relocation {}: symbol {} of {}", describe(section), relocations.size(), symbol,
                  symbols_.size());
    relocations.push_back({record.r_offset, symbol, static_cast<std::uint32_t>(ELF64_R_TYPE(record.r_info))});
  }
  return relocations;
}

std::string_view File::label(const Symbol& symbol) const {
  if (symbol.name.empty() && symbol.type == STT_SECTION && symbol.section < sections_.size())
    return sections_[symbol.section].name;
  return symbol.name;
}

}  // namespace skep::elf
