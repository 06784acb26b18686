#include "skep/elf/btf_section.hpp"

#include <gtest/gtest.h>

#include "skep/tests/support/objects.hpp"
#include "skep/tests/support/result.hpp"

namespace skep::elf {
namespace {

const std::string kTypes = "some types";

std::vector<std::byte> object(ByteOrder order = ByteOrder::little) {
  test::ElfWriter writer(order);
  const auto contents = as_bytes(kTypes);
  writer.add(test::ElfWriter::SectionFields{.name = "x.BTF", .data = {std::byte{1}}});
  writer.add(test::ElfWriter::SectionFields{.name = ".BTF.ext", .data = {std::byte{2}}});
  writer.add(test::ElfWriter::SectionFields{.name = ".BTF", .data = {contents.begin(), contents.end()}});
  return writer.bytes();
}

// An ELF file of 32 bits with the sections null, .BTF and names.
std::vector<std::byte> narrow(ByteOrder order) {
  ByteWriter out(order);
  const std::string names("\0.BTF\0", 6);
  out.write(as_bytes(std::string_view("\177ELF\1", 5)));
  out.write(static_cast<std::uint8_t>(order == ByteOrder::little ? 1 : 2));
  while (out.size() < 32) out.write(std::uint8_t{0});
  out.write(std::uint32_t{52});  // section headers
  while (out.size() < 46) out.write(std::uint8_t{0});
  for (const auto word : {40, 3, 2}) out.write(static_cast<std::uint16_t>(word));
  const std::uint32_t data = 52 + 3 * 40, text = data + static_cast<std::uint32_t>(kTypes.size());
  const auto header = [&](std::uint32_t name, std::uint32_t type, std::uint32_t offset, std::size_t size) {
    for (const auto word : {name, type, 0u, 0u, offset, static_cast<std::uint32_t>(size)}) out.write(word);
    for (int i = 0; i < 4; ++i) out.write(std::uint32_t{0});
  };
  header(0, SHT_NULL, 0, 0);
  header(1, SHT_PROGBITS, data, kTypes.size());
  header(0, SHT_STRTAB, text, names.size());
  out.write(as_bytes(kTypes));
  out.write(as_bytes(names));
  return std::move(out).bytes();
}

std::string found(Bytes file) {
  const auto section = btf_section(file);
  EXPECT_OK(section);
  return section ? std::string(as_text(*section)) : "";
}

TEST(BtfSection, OfEveryClassAndOrder) {
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    EXPECT_EQ(found(object(order)), kTypes);
    EXPECT_EQ(found(narrow(order)), kTypes);
  }
}

TEST(BtfSection, OfEveryTypeAndMachine) {
  auto bytes = object();
  bytes[16] = std::byte{2};
  bytes[18] = std::byte{62};
  EXPECT_EQ(found(bytes), kTypes);
}

TEST(BtfSection, TellsWhatIsWrong) {
  EXPECT_FALSE(is_elf({}));
  EXPECT_EQ(btf_section({}).error().code(), Errc::malformed);
  test::ElfWriter none;
  none.add(test::ElfWriter::SectionFields{.name = ".text"});
  EXPECT_EQ(btf_section(none.bytes()).error().code(), Errc::not_found);
  test::ElfWriter compressed;
  compressed.add(test::ElfWriter::SectionFields{.name = ".BTF", .flags = SHF_COMPRESSED});
  EXPECT_EQ(test::message(btf_section(compressed.bytes())), "section 1 \".BTF\" is compressed");
  auto neither = object();
  neither[4] = std::byte{3};
  EXPECT_EQ(btf_section(neither).error().code(), Errc::malformed);
}

// Every prefix, and every byte changed: whatever comes out lies inside.
TEST(BtfSection, HostileBytes) {
  for (const auto& whole : {object(), object(ByteOrder::big), narrow(ByteOrder::little), narrow(ByteOrder::big)}) {
    const auto check = [](Bytes bytes) {
      const auto section = btf_section(bytes);
      if (!section || section->empty()) return;
      EXPECT_GE(section->data(), bytes.data());
      EXPECT_LE(section->data() + section->size(), bytes.data() + bytes.size());
    };
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::vector<std::byte> prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      check(prefix);
    }
    for (std::size_t at = 0; at < whole.size(); ++at)
      for (const auto value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
        auto changed = whole;
        changed[at] = static_cast<std::byte>(value);
        check(changed);
      }
  }
}

}  // namespace
}  // namespace skep::elf
