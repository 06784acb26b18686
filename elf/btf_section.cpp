#include "skep/elf/btf_section.hpp"

#include <elf.h>

namespace skep::elf {
namespace {

// Where the fields lie in files of 32 and of 64 bits.
struct Layout {
  std::size_t word;  // bytes of an address, offset or size
  std::size_t table, entry_size, count, names;                    // in the ELF header
  std::size_t header_size, type, flags, offset, size, link;       // in a section header, which begins with its name
};
constexpr Layout kLayout32 = {4, 32, 46, 48, 50, 40, 4, 8, 16, 20, 24};
constexpr Layout kLayout64 = {8, 40, 58, 60, 62, 64, 4, 8, 24, 32, 40};

struct SectionHeader {
  std::uint32_t name = 0, type = 0, link = 0;
  std::uint64_t flags = 0, offset = 0, size = 0;
};

class Reader {
 public:
  Reader(Bytes file, const Layout& layout, ByteOrder order) : file_(file), layout_(layout), order_(order) {}

  template <std::integral T>
  Result<T> field(std::uint64_t at) const {
    ByteReader reader(file_, order_);
    SKEP_TRY(reader.seek(at));
    return reader.read<T>();
  }
  Result<std::uint64_t> word(std::uint64_t at) const {
    if (layout_.word == 8) return field<std::uint64_t>(at);
    return SKEP_TRY(field<std::uint32_t>(at));
  }
  Result<SectionHeader> header(std::uint64_t index) const {
    const auto at = table_ + index * layout_.header_size;  // index is below 2^32
    return SectionHeader{.name = SKEP_TRY(field<std::uint32_t>(at)),
                         .type = SKEP_TRY(field<std::uint32_t>(at + layout_.type)),
                         .link = SKEP_TRY(field<std::uint32_t>(at + layout_.link)),
                         .flags = SKEP_TRY(word(at + layout_.flags)),
                         .offset = SKEP_TRY(word(at + layout_.offset)),
                         .size = SKEP_TRY(word(at + layout_.size))};
  }
  Result<Bytes> contents(const SectionHeader& section) const {
    ByteReader reader(file_, order_);
    if (section.offset > file_.size()) return fail(Errc::malformed, "it begins behind the end of the file");
    SKEP_TRY(reader.seek(section.offset));
    return reader.take(section.size);
  }

  // The headers of the sections, of which there are count(); and the bytes of their names.
  Result<> open() {
    table_ = SKEP_TRY(word(layout_.table));
    const std::uint64_t entry_size = SKEP_TRY(field<std::uint16_t>(layout_.entry_size));
    count_ = SKEP_TRY(field<std::uint16_t>(layout_.count));
    std::uint64_t names = SKEP_TRY(field<std::uint16_t>(layout_.names));
    if (table_ == 0) return {};
    if (table_ > file_.size() || entry_size != layout_.header_size)
      return fail(Errc::malformed, "section headers of {} bytes at {:#x}", entry_size, table_);
    // Numbers that do not fit are in the null section's header.
    const auto first = SKEP_TRY(header(0));
    if (count_ == 0) count_ = first.size;
    if (names == SHN_XINDEX) names = first.link;
    if (count_ > (file_.size() - table_) / layout_.header_size || names >= count_)
      return fail(Errc::malformed, "{} section headers at {:#x}, names in section {}", count_, table_, names);
    const auto strings = SKEP_TRY(header(names));
    names_ = as_text(SKEP_TRY(contents(strings)));
    return {};
  }
  std::uint64_t count() const { return count_; }
  bool is_called(const SectionHeader& section, std::string_view name) const {
    if (section.name >= names_.size()) return false;
    const auto rest = names_.substr(section.name);
    return rest.starts_with(name) && rest.size() > name.size() && rest[name.size()] == '\0';
  }

 private:
  Bytes file_;
  const Layout& layout_;
  ByteOrder order_;
  std::uint64_t table_ = 0, count_ = 0;
  std::string_view names_;
};

}  // namespace

bool is_elf(Bytes bytes) { return as_text(bytes).starts_with(ELFMAG); }

Result<Bytes> btf_section(Bytes file) {
  if (!is_elf(file) || file.size() < EI_NIDENT) return fail(Errc::malformed, "no ELF header");
  const auto ident = as_text(file);
  const bool wide = ident[EI_CLASS] == ELFCLASS64;
  if (!wide && ident[EI_CLASS] != ELFCLASS32) return fail(Errc::malformed, "an ELF file of neither 32 nor 64 bits");
  Reader reader(file, wide ? kLayout64 : kLayout32,
                ident[EI_DATA] == ELFDATA2MSB ? ByteOrder::big : ByteOrder::little);
  SKEP_TRY_CTX(reader.open(), "ELF header");
  for (std::uint64_t i = 1; i < reader.count(); ++i) {
    const auto section = SKEP_TRY_CTX(reader.header(i), "section {}", i);
    if (section.type == SHT_NOBITS || !reader.is_called(section, ".BTF")) continue;
    if ((section.flags & SHF_COMPRESSED) != 0) return fail(Errc::not_supported, "section {} \".BTF\" is compressed", i);
    return SKEP_TRY_CTX(reader.contents(section), "section {} \".BTF\"", i);
  }
  return fail(Errc::not_found, "no .BTF section (was it compiled with -g?)");
}

}  // namespace skep::elf
