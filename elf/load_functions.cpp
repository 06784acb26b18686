// Programs and subprograms: one function per STT_FUNC symbol of an executable section, its bytes from
// st_value on. What lies between functions (padding, bodies of weak functions that lost against another
// file's) is nobody's code and is not decoded.
//
// As libbpf: functions of .text are callees and never programs, unless the object has a single function, which
// then is its program wherever it lies (prog_is_subprog in libbpf.c); a static function elsewhere cannot be one.
#include <algorithm>
#include <set>
#include <tuple>

#include <elf.h>

#include "skep/asm/codec.hpp"
#include "skep/elf/loader.hpp"
#include "skep/elf/sections.hpp"

namespace skep::elf {
namespace {

// Aliases give one body several names. A file that has more names for one body than this is not meant well.
constexpr std::uint64_t kAliasesMax = 16;

struct Candidate {
  FunctionPlace place;
  const Symbol* symbol;
};

Result<std::vector<Candidate>> find_functions(const Loader& loader) {
  std::vector<Candidate> found;
  std::vector<std::uint64_t> total(loader.file.sections().size());
  for (const auto& symbol : loader.file.symbols()) {
    if (symbol.type != STT_FUNC || symbol.section >= total.size()) continue;
    const auto& section = loader.section(symbol.section);
    if (!section.executable() || section.data.empty()) continue;
    if (symbol.value > section.size || symbol.size > section.size - symbol.value)
      return fail(Errc::malformed, "{}: function \"{}\" at {:#x}, {:#x} bytes, crosses the end ({:#x})",
                  describe(section), symbol.name, symbol.value, symbol.size, section.size);
    total[symbol.section] += symbol.size;
    if (total[symbol.section] > kAliasesMax * section.size)
      return fail(Errc::malformed, "{}: functions overlap: more than {} times its {:#x} bytes", describe(section),
                  kAliasesMax, section.size);
    found.push_back({{symbol.section, symbol.value, symbol.size, symbol.section == loader.text, 0}, &symbol});
  }
  // Of several names for one place the global one is referred to.
  std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(a.place.section, a.place.offset, !a.symbol->global(), a.symbol) <
           std::tuple(b.place.section, b.place.offset, !b.symbol->global(), b.symbol);
  });
  return found;
}

void apply_section(std::string_view name, ProgramSpec& program) {
  if (name.starts_with('?')) {
    program.autoload = false;
    name.remove_prefix(1);
  }
  program.section = name;
  const auto match = match_section(name);
  if (!match.row) return;
  program.type = match.row->type;
  program.attach_type = match.row->attach_type;
  program.attach_to = match.extra;
  program.sleepable = (match.row->flags & SectionRow::kSleepable) != 0;
  if (program.sleepable) program.flags |= kFSleepable;
  if ((match.row->flags & SectionRow::kFrags) != 0) program.flags |= kFXdpHasFrags;
}

void decode_body(const Loader& loader, const FunctionPlace& place, ProgramSpec& program) {
  program.code.functions.push_back({0, program.name, 0});
  const auto body = loader.section(place.section).data.subspan(place.offset, place.size);
  auto insns = decode(body, loader.file.byte_order());
  if (place.size == 0 || place.size % kSlotSize != 0 || place.offset % kSlotSize != 0)
    insns = fail(Errc::malformed, "offset {:#x} and size {:#x} are not whole instructions", place.offset, place.size);
  if (insns) {
    program.code.insns = std::move(*insns);
  } else {
    program.problem = insns.error().what();
    program.undecoded.assign(body.begin(), body.end());
  }
}

}  // namespace

Result<> load_functions(Loader& loader) {
  for (const auto& section : loader.file.sections())
    if (loader.text == 0 && section.name == ".text" && section.executable() && !section.data.empty())
      loader.text = section.index;

  auto found = SKEP_TRY(find_functions(loader));
  if (found.size() == 1) found.front().place.subprogram = false;
  std::set<std::string, std::less<>> names;
  for (auto& [place, symbol] : found) {
    const auto& section = loader.section(place.section);
    ProgramSpec program;
    program.name = SKEP_TRY_CTX(checked_name(symbol->name, "function"), "{}", describe(section));
    // Static functions of several files, linked into one, can share a name.
    if (!names.insert(program.name).second) {
      program.name += fmt::format("@{}+{:#x}", section.name, place.offset);
      if (!names.insert(program.name).second)
        return fail(Errc::malformed, "{}: two functions are called \"{}\"", describe(section), program.name);
    }
    program.global = symbol->global();
    program.hidden = symbol->global() && symbol->hidden();
    if (place.subprogram)
      program.section = section.name;
    else
      apply_section(section.name, program);
    decode_body(loader, place, program);
    if (place.section != loader.text && !program.global && program.problem.empty())
      program.problem = fmt::format("{}: a static function outside of .text is not supported", describe(section));

    auto& all = place.subprogram ? loader.spec.subprograms : loader.spec.programs;
    place.index = all.size();
    all.push_back(std::move(program));
    loader.functions.push_back(place);
  }
  return {};
}

}  // namespace skep::elf
