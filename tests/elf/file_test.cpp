// The gate for ELF bytes: what is accepted, and that every wrong header is refused with words.
#include "skep/elf/file.hpp"

#include <random>

#include <gtest/gtest.h>

#include "skep/spec/link.hpp"
#include "skep/spec/print.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::elf {
namespace {

using test::message;

std::vector<std::byte> small_object(ByteOrder order = ByteOrder::little) {
  test::ElfWriter writer(order);
  const auto section = writer.add(
      {.name = "tc", .flags = SHF_ALLOC | SHF_EXECINSTR, .data = test::code("b700000001000000 9500000000000000")});
  writer.add({.name = "program", .section = section, .value = 0, .size = 16});
  return writer.bytes();
}

template <class T>
std::vector<std::byte> patched(std::vector<std::byte> object, std::size_t offset, T value) {
  store(object.data() + offset, value);
  return object;
}

// The section header of `index`, and in it the field at `field`.
std::size_t header_field(const std::vector<std::byte>& object, std::size_t index, std::size_t field) {
  return skep::load<std::uint64_t>(object.data() + offsetof(Elf64_Ehdr, e_shoff)) + index * sizeof(Elf64_Shdr) + field;
}

std::string refusal(const std::vector<std::byte>& object) { return message(File::open(object)); }

TEST(ElfFile, ReadsSectionsAndSymbolsInBothByteOrders) {
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    const auto bytes = small_object(order);
    const auto file = File::open(bytes);
    ASSERT_OK(file);
    EXPECT_EQ(file->byte_order(), order);
    ASSERT_EQ(file->sections().size(), 4u);
    EXPECT_EQ(file->sections()[1].name, "tc");
    EXPECT_TRUE(file->sections()[1].executable());
    EXPECT_EQ(describe(file->sections()[1]), "section 1 \"tc\"");
    ASSERT_EQ(file->symbols().size(), 2u);
    EXPECT_EQ(file->symbols()[1].name, "program");
    EXPECT_EQ(file->symbols()[1].size, 16u);
    EXPECT_TRUE(file->symbols()[1].global());
  }
}

TEST(ElfFile, RefusesOtherKindsOfFiles) {
  const auto good = small_object();
  EXPECT_EQ(refusal({}), "ELF header: the file has 0 bytes, a header has 64");
  EXPECT_NE(refusal(patched(good, 0, std::uint8_t{0})).find("no ELF file"), std::string::npos);
  EXPECT_NE(refusal(patched(good, EI_CLASS, std::uint8_t{1})).find("not a 64-bit"), std::string::npos);
  EXPECT_NE(refusal(patched(good, EI_DATA, std::uint8_t{3})).find("byte order 3"), std::string::npos);
  EXPECT_NE(refusal(patched(good, offsetof(Elf64_Ehdr, e_type), std::uint16_t{ET_EXEC})).find("type 2"),
            std::string::npos);
  EXPECT_NE(refusal(patched(good, offsetof(Elf64_Ehdr, e_machine), std::uint16_t{EM_X86_64})).find("machine 62"),
            std::string::npos);
  EXPECT_OK(File::open(patched(good, offsetof(Elf64_Ehdr, e_machine), std::uint16_t{0})));
  // The host's own program is no relocatable object for BPF.
  EXPECT_FALSE(File::open(test::bytes_of("/proc/self/exe")));
}

TEST(ElfFile, RefusesHeadersThatPointOutside) {
  const auto good = small_object();
  const auto huge = UINT64_MAX - 8;
  EXPECT_NE(refusal(patched(good, offsetof(Elf64_Ehdr, e_shoff), huge)).find("outside"), std::string::npos);
  EXPECT_NE(refusal(patched(good, offsetof(Elf64_Ehdr, e_shnum), std::uint16_t{0xfeff})).find("outside"),
            std::string::npos);
  EXPECT_NE(refusal(patched(good, offsetof(Elf64_Ehdr, e_shentsize), std::uint16_t{40})).find("40 bytes"),
            std::string::npos);
  EXPECT_NE(refusal(patched(good, offsetof(Elf64_Ehdr, e_shstrndx), std::uint16_t{1})).find("names"),
            std::string::npos);
  EXPECT_NE(refusal(patched(good, header_field(good, 1, offsetof(Elf64_Shdr, sh_offset)), huge)).find("section 1:"),
            std::string::npos);
  EXPECT_NE(refusal(patched(good, header_field(good, 1, offsetof(Elf64_Shdr, sh_size)), huge)).find("section 1:"),
            std::string::npos);
  EXPECT_NE(refusal(patched(good, header_field(good, 1, offsetof(Elf64_Shdr, sh_name)), UINT32_MAX))
                .find("name of section 1"),
            std::string::npos);
}

TEST(ElfFile, RefusesSymbolTablesThatLie) {
  const auto good = small_object();
  const auto symtab = header_field(good, 2, 0);
  EXPECT_NE(
      refusal(patched(good, symtab + offsetof(Elf64_Shdr, sh_type), std::uint32_t{SHT_PROGBITS})).find("stripped"),
      std::string::npos);
  EXPECT_NE(
      refusal(patched(good, symtab + offsetof(Elf64_Shdr, sh_entsize), std::uint64_t{16})).find("symbols of 16 bytes"),
      std::string::npos);
  EXPECT_NE(refusal(patched(good, symtab + offsetof(Elf64_Shdr, sh_link), std::uint32_t{99})).find("section 99"),
            std::string::npos);
  EXPECT_NE(refusal(patched(good, header_field(good, 1, offsetof(Elf64_Shdr, sh_type)), std::uint32_t{SHT_SYMTAB}))
                .find("both symbol tables"),
            std::string::npos);
  const auto symbols = test::section_offset(good, ".symtab");
  EXPECT_NE(refusal(patched(good, symbols + 24 + offsetof(Elf64_Sym, st_shndx), std::uint16_t{77}))
                .find("symbol 1 \"program\" is in section 77"),
            std::string::npos);
  EXPECT_NE(refusal(patched(good, symbols + 24, UINT32_MAX)).find("symbol 1"), std::string::npos);
}

TEST(ElfFile, CompressedSectionsAreRefusedByName) {
  test::ElfWriter writer;
  writer.add({.name = ".data", .flags = SHF_ALLOC | SHF_COMPRESSED, .data = test::code("00000000")});
  EXPECT_EQ(refusal(writer.bytes()), "section 1 \".data\": compressed sections are not supported");
  test::ElfWriter debug;
  debug.add({.name = ".debug_info", .flags = SHF_COMPRESSED, .data = test::code("00000000")});
  EXPECT_OK(File::open(debug.bytes()));
}

// Types and lines can be left out, so their compression is no reason to refuse the rest.
TEST(ElfFile, CompressedTypesAreLeftOutWithAWarning) {
  const auto good = test::bytes_of(test::fixture("elf/sections.bpf"));
  for (const std::string name : {".BTF", ".BTF.ext"}) {
    const auto index = File::open(good)->section(name)->index;
    const auto spec =
        load(patched(good, header_field(good, index, offsetof(Elf64_Shdr, sh_flags)), std::uint64_t{SHF_COMPRESSED}));
    ASSERT_OK(spec);
    ASSERT_FALSE(spec->warnings.empty());
    EXPECT_NE(spec->warnings[0].find("\"" + name + "\": compressed sections are not supported"), std::string::npos);
    EXPECT_EQ(spec->programs.size(), 27u);
    EXPECT_TRUE(spec->programs[0].code.lines.empty());
    EXPECT_EQ(spec->types.type_count() == 1, name == ".BTF");
  }
}

TEST(ElfFile, SectionsThatShareBytesAreRefused) {
  auto object = small_object();
  const auto from = skep::load<std::uint64_t>(object.data() + header_field(object, 1, offsetof(Elf64_Shdr, sh_offset)));
  object = patched(object, header_field(object, 3, offsetof(Elf64_Shdr, sh_offset)), from);
  EXPECT_NE(refusal(object).find("share bytes of the file"), std::string::npos);
}

TEST(ElfFile, ManySectionsAreCountedInTheNullSection) {
  auto object = small_object();
  object = patched(object, offsetof(Elf64_Ehdr, e_shnum), std::uint16_t{0});
  object = patched(object, offsetof(Elf64_Ehdr, e_shstrndx), std::uint16_t{SHN_XINDEX});
  object = patched(object, header_field(object, 0, offsetof(Elf64_Shdr, sh_size)), std::uint64_t{4});
  object = patched(object, header_field(object, 0, offsetof(Elf64_Shdr, sh_link)), std::uint32_t{3});
  const auto file = File::open(object);
  ASSERT_OK(file);
  EXPECT_EQ(file->sections().size(), 4u);
  EXPECT_NE(
      refusal(patched(object, header_field(object, 0, offsetof(Elf64_Shdr, sh_size)), UINT64_MAX)).find("outside"),
      std::string::npos);
}

// Every prefix of an object, and many copies with flipped bits: an error or a value, never a crash.
TEST(ElfFile, TruncatedAndDamagedObjectsGiveErrors) {
  for (const std::string name : {"elf/maps.bpf", "elf/externs.bpf", "elf/struct_ops.bpf"}) {
    const auto good = test::bytes_of(test::fixture(name));
    for (std::size_t size = 0; size < good.size(); size += 1 + size / 40)
      EXPECT_FALSE(load(Bytes(good).first(size))) << name << " " << size;
    std::mt19937 random(1);
    for (int i = 0; i < 300; ++i) {
      auto damaged = good;
      for (int flips = 0; flips < 4; ++flips) damaged[random() % damaged.size()] ^= std::byte(1u << random() % 8);
      const auto spec = load(damaged);
      if (spec)
        EXPECT_FALSE(print(*spec).empty());
      else
        EXPECT_FALSE(spec.error().what().empty());
    }
  }
}

}  // namespace
}  // namespace skep::elf
