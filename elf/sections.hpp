// What the name of a program's section says of it (elf/sections.inc, libbpf's table).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "skep/spec/types.hpp"

namespace skep::elf {

struct SectionRow {
  enum Flag : std::uint8_t {
    kAttachable = 1,
    kOptional = 2,
    kAttachBtf = 4,
    kSleepable = 8,
    kFrags = 16,
    kUsdt = 32,
  };

  std::string_view name;  // without the '+'
  bool extra = false;     // NAME/EXTRA matches too
  ProgramType type{};
  std::optional<AttachType> attach_type;
  std::uint8_t flags = 0;
};

// All rows, in the order in which they are tried.
std::span<const SectionRow> section_rows();

struct SectionMatch {
  const SectionRow* row = nullptr;  // null: no row matches, libbpf leaves the program without a type
  std::string_view extra;           // what follows "NAME/", a view into the section's name
};

// `section` without a leading '?'.
SectionMatch match_section(std::string_view section);

}  // namespace skep::elf
