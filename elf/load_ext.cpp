// .BTF.ext: types of functions, source lines and CO-RE relocations. Its records name bytes of a section, so
// each goes to the function that holds these bytes; records of gaps between functions belong to nobody (a
// running count instead of offsets would shift all that follow to the wrong function).
//
// A broken .BTF.ext loses these records, not the object: a warning says why.
#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "skep/btf/ext.hpp"
#include "skep/elf/loader.hpp"

namespace skep::elf {
namespace {

// Longer texts are cut: many records can share one string.
constexpr std::size_t kTextMax = 1024;

// The records of each section, sorted by offset, from all groups that name it. Borrows them.
template <class Record>
class Records {
 public:
  explicit Records(const std::vector<btf::SectionRecords<Record>>& groups) {
    for (const auto& group : groups) {
      auto& all = by_section_[group.section];
      for (const auto& record : group.records) all.push_back({record.insn_offset, all.size(), &record});
    }
    for (auto& [section, all] : by_section_)
      std::sort(all.begin(), all.end(),
                [](const Item& a, const Item& b) { return std::tie(a.offset, a.order) < std::tie(b.offset, b.order); });
  }

  // Those of a function, at the starts of its instructions.
  std::vector<const Record*> in(std::string_view section, const FunctionPlace& place) const {
    std::vector<const Record*> found;
    const auto all = by_section_.find(section);
    if (all == by_section_.end()) return found;
    auto next = std::lower_bound(all->second.begin(), all->second.end(), place.offset,
                                 [](const Item& item, std::uint64_t offset) { return item.offset < offset; });
    for (; next != all->second.end() && next->offset < place.offset + place.size; ++next)
      if ((next->offset - place.offset) % kSlotSize == 0) found.push_back(next->record);
    return found;
  }

 private:
  struct Item {
    std::uint64_t offset;
    std::size_t order;  // in the file
    const Record* record;
  };
  std::unordered_map<std::string_view, std::vector<Item>> by_section_;
};

std::uint32_t slot_of(std::uint32_t offset, const FunctionPlace& place) {
  return static_cast<std::uint32_t>((offset - place.offset) / kSlotSize);
}

void add_lines(Code& code, const std::vector<const btf::LineRecord*>& records, const FunctionPlace& place) {
  std::unordered_map<std::string_view, std::uint32_t> files;
  code.lines.reserve(records.size());
  for (const auto* record : records) {
    const auto [file, added] = files.emplace(record->file, static_cast<std::uint32_t>(code.files.size()));
    if (added) code.files.emplace_back(record->file.substr(0, kTextMax));
    code.lines.push_back({slot_of(record->insn_offset, place), file->second, record->line, record->column,
                          std::string(record->text.substr(0, kTextMax))});
  }
}

void add_core(ProgramSpec& program, const std::vector<const btf::CoreRecord*>& records, const FunctionPlace& place) {
  for (const auto* record : records)
    program.core_relocations.push_back({slot_of(record->insn_offset, place), record->type,
                                        std::string(record->access.substr(0, kTextMax)), record->kind});
}

}  // namespace

Result<> load_ext(Loader& loader) {
  const auto* section = loader.file.section(".BTF.ext");
  if (!section || section->data.empty()) return {};
  auto ext = btf::Ext::parse(section->data, loader.spec.types);
  if (section->compressed) ext = compressed();
  if (!ext) {
    loader.warn(ext.error().context("{}", describe(*section)).what());
    return {};
  }
  const Records funcs(ext->funcs);
  const Records lines(ext->lines);
  const Records core(ext->core);
  for (const auto& place : loader.functions) {
    auto& program = loader.program(place);
    if (program.code.insns.empty()) continue;
    const auto name = loader.section(place.section).name;
    if (const auto found = funcs.in(name, place); !found.empty() && found.front()->insn_offset == place.offset)
      program.code.functions.front().type_id = number(found.front()->type);
    add_lines(program.code, lines.in(name, place), place);
    add_core(program, core.in(name, place), place);
  }
  return {};
}

}  // namespace skep::elf
