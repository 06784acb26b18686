// Objects for tests: those that the build made, changed copies of them, and hand-made ones.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <elf.h>
#include <gtest/gtest.h>

#include "skep/base/file.hpp"
#include "skep/elf/file.hpp"
#include "skep/elf/load.hpp"
#include "skep/tests/support/paths.hpp"

namespace skep::test {

inline std::vector<std::byte> bytes_of(const std::string& path) {
  auto bytes = read_file(path);
  if (!bytes) {
    ADD_FAILURE() << bytes.error().what();
    return {};
  }
  return std::move(*bytes);
}

inline CollectionSpec load_fixture(const std::string& name) {
  auto spec = elf::load(bytes_of(fixture(name)));
  if (!spec) {
    ADD_FAILURE() << name << ": " << spec.error().what();
    return {};
  }
  return std::move(*spec);
}

// Every object that the build made whose name ends so, sorted.
inline std::vector<std::string> built_objects(const std::string& ending) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SKEP_BUILD_DIR "/bpf"))
    if (entry.is_regular_file() && entry.path().string().ends_with(ending)) paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Where the bytes of a section begin in an object.
inline std::size_t section_offset(const std::vector<std::byte>& object, std::string_view name) {
  const auto file = elf::File::open(object);
  const auto* section = file ? file->section(name) : nullptr;
  if (!section) {
    ADD_FAILURE() << "no section " << name;
    return 0;
  }
  return static_cast<std::size_t>(section->data.data() - object.data());
}

// Writes a relocatable object, little-endian unless told otherwise: sections and symbols as they are given,
// right or wrong.
class ElfWriter {
 public:
  explicit ElfWriter(ByteOrder order = ByteOrder::little) : order_(order) {
    sections_.push_back({});
    symbols_.push_back({});
  }

  struct SectionFields {
    std::string name;
    std::uint32_t type = SHT_PROGBITS;
    std::uint64_t flags = 0;
    std::vector<std::byte> data = {};
    std::uint32_t link = 0, info = 0;
    std::uint64_t entry_size = 0;
    std::uint64_t size = 0;  // of SHT_NOBITS
  };
  // Its index.
  std::uint16_t add(SectionFields section) {
    sections_.push_back(std::move(section));
    return static_cast<std::uint16_t>(sections_.size() - 1);
  }

  struct SymbolFields {
    std::string name;
    std::uint16_t section = 0;
    std::uint64_t value = 0, size = 0;
    unsigned type = STT_FUNC, binding = STB_GLOBAL, visibility = STV_DEFAULT;
  };
  std::uint32_t add(SymbolFields symbol) {
    symbols_.push_back(std::move(symbol));
    return static_cast<std::uint32_t>(symbols_.size() - 1);
  }

  void relocate(std::uint16_t section, std::uint64_t offset, std::uint32_t symbol, std::uint32_t type = 1) {
    auto& out = relocations_.try_emplace(section, order_).first->second;
    out.write(offset);
    out.write(std::uint64_t{symbol} << 32 | type);
  }

  std::vector<std::byte> bytes() const {
    auto sections = sections_;
    for (const auto& [section, writer] : relocations_)
      sections.push_back({.name = ".rel" + sections_[section].name,
                          .type = SHT_REL,
                          .data = writer.bytes(),
                          .link = static_cast<std::uint32_t>(sections_.size() + relocations_.size()),
                          .info = section,
                          .entry_size = 16});
    std::string strings(1, '\0');
    const auto string = [&](const std::string& text) {
      const auto at = static_cast<std::uint32_t>(strings.size());
      strings += text + '\0';
      return at;
    };
    ByteWriter symbols(order_);
    for (const auto& symbol : symbols_) {
      symbols.write(symbol.name.empty() ? 0u : string(symbol.name));
      const bool null = &symbol == symbols_.data();
      symbols.write(static_cast<std::uint8_t>(null ? 0 : symbol.binding << 4 | symbol.type));
      symbols.write(static_cast<std::uint8_t>(symbol.visibility));
      symbols.write(symbol.section);
      symbols.write(symbol.value);
      symbols.write(symbol.size);
    }
    const auto table = static_cast<std::uint32_t>(sections.size());
    sections.push_back({.name = ".symtab",
                        .type = SHT_SYMTAB,
                        .data = std::move(symbols).bytes(),
                        .link = table + 1,
                        .info = 1,
                        .entry_size = 24});
    sections.push_back({.name = ".strtab", .type = SHT_STRTAB});
    std::vector<std::uint32_t> names;
    for (const auto& section : sections) names.push_back(string(section.name));
    sections.back().data.assign(as_bytes(strings).begin(), as_bytes(strings).end());
    return layout(sections, names);
  }

 private:
  std::vector<std::byte> layout(const std::vector<SectionFields>& sections,
                                const std::vector<std::uint32_t>& names) const {
    std::uint64_t end = 64;
    std::vector<std::uint64_t> offsets;
    for (const auto& section : sections) {
      offsets.push_back(end);
      end = (end + section.data.size() + 7) / 8 * 8;
    }
    ByteWriter out(order_);
    out.write(
        as_bytes(std::string_view("\x7f"
                                  "ELF\x02",
                                  5)));
    out.write(static_cast<std::uint8_t>(order_ == ByteOrder::little ? 1 : 2));
    out.write(std::uint8_t{1});
    for (int i = 0; i < 9; ++i) out.write(std::uint8_t{0});
    out.write(std::uint16_t{ET_REL});
    out.write(std::uint16_t{247});
    out.write(std::uint32_t{1});
    for (const std::uint64_t field : {std::uint64_t{0}, std::uint64_t{0}, end}) out.write(field);
    out.write(std::uint32_t{0});
    for (const std::size_t field :
         {std::size_t{64}, std::size_t{0}, std::size_t{0}, std::size_t{64}, sections.size(), sections.size() - 1})
      out.write(static_cast<std::uint16_t>(field));
    for (std::size_t i = 0; i < sections.size(); ++i) {
      while (out.size() < offsets[i]) out.write(std::uint8_t{0});
      out.write(Bytes(sections[i].data));
    }
    while (out.size() < end) out.write(std::uint8_t{0});
    for (std::size_t i = 0; i < sections.size(); ++i) {
      const auto& section = sections[i];
      out.write(i == 0 ? 0u : names[i]);
      out.write(i == 0 ? 0u : section.type);
      out.write(section.flags);
      out.write(std::uint64_t{0});
      out.write(i == 0 ? 0 : offsets[i]);
      out.write(section.type == SHT_NOBITS ? section.size : std::uint64_t{section.data.size()});
      out.write(section.link);
      out.write(section.info);
      out.write(std::uint64_t{1});
      out.write(section.entry_size);
    }
    return std::move(out).bytes();
  }

  ByteOrder order_;
  std::vector<SectionFields> sections_;
  std::vector<SymbolFields> symbols_;
  std::map<std::uint16_t, ByteWriter> relocations_;
};

// Instructions as hex, "b7000000 01000000".
inline std::vector<std::byte> code(std::string_view hex) {
  auto bytes = from_hex(hex);
  if (!bytes) ADD_FAILURE() << bytes.error().what();
  return bytes ? std::move(*bytes) : std::vector<std::byte>();
}

}  // namespace skep::test
