// skep btf dump: types as records, as C, as JSON.
#include <algorithm>
#include <array>
#include <charconv>

#include "skep/btf/c_format.hpp"
#include "skep/btf/raw_format.hpp"
#include "skep/cli/btf_file.hpp"
#include "skep/cli/btf_json.hpp"
#include "skep/cli/btf_words.hpp"
#include "skep/cli/output.hpp"
#include "skep/cli/printable.hpp"

#include <nlohmann/json.hpp>

namespace skep::cli {
namespace {

using btf::Btf;
using btf::TypeId;

constexpr ArgumentRow kArguments[] = {
    {"[FILE]", kBtfFileHelp},
};

constexpr OptionRow kOptions[] = {
    kBtfBase,
    {"Selection", "--root", "NAME|ID",
     "Only this type: the number of one, or all that have the name. In C, also what it needs. May be given more than "
     "once.",
     true},
    {"Output", "--format", "FORMAT",
     "raw (the default): one record after the other, as bpftool prints them. c: declarations for a compiler. json: as "
     "--json."},
    {"Output", "--json", "",
     "One JSON document with the keys of `bpftool -j btf dump` (docs/btf-dump.schema.json)."},
};

constexpr ExampleRow kExamples[] = {
    {"skep btf dump vmlinux --format c --root sk_buff", "One type and what it needs."},
    {"skep btf dump lb.bpf.o", "The records of an object."},
    {"skep btf dump --json nf_conntrack.btf --base vmlinux.btf | jq '.types | length'",
     "How many types a module adds."},
};

// Types by number or name, in the order of the command line.
Result<std::vector<TypeId>> roots_of(const Btf& btf, std::span<const std::string> words) {
  std::vector<TypeId> roots;
  for (const auto& word : words) {
    std::uint32_t id = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
    if (error == std::errc() && end == word.data() + word.size()) {
      if (id == 0 || id >= btf.type_count())
        return fail(Errc::invalid, "--root: there is no type {}, but 1 to {}", id, btf.type_count() - 1);
      roots.push_back(TypeId{id});
      continue;
    }
    const auto found = btf.find_all(word);
    if (found.empty()) return fail(Errc::invalid, "--root: there is no type \"{}\"", word);
    roots.insert(roots.end(), found.begin(), found.end());
  }
  return roots;
}

Result<std::vector<TypeId>> chosen(const Btf& btf, std::span<const std::string> words) {
  auto ids = SKEP_TRY(roots_of(btf, words));
  if (words.empty())
    for (auto id = btf.first_id(); id < btf.type_count(); ++id) ids.push_back(TypeId{id});
  return ids;
}

Result<> dump_raw(const Btf& btf, std::span<const TypeId> ids) {
  std::string text;
  constexpr std::size_t kPiece = 1 << 20;
  for (const auto id : ids) {
    SKEP_TRY(append_raw(btf, id, text));
    if (text.size() > kPiece) put(printable_lines(std::exchange(text, {})));
  }
  put(printable_lines(text));
  return {};
}

Result<> dump_json(const Btf& btf, std::span<const TypeId> ids) {
  // Type by type: as one tree, a kernel's would take hundreds of megabytes.
  for (const auto id : ids) SKEP_TRY(btf.type(id));
  put("{\n  \"schema\": \"skep/btf-dump/1\",\n  \"types\": [");
  std::string_view separator = "\n";
  for (const auto id : ids) {
    const auto type = SKEP_TRY(type_json(btf, id));
    put(separator);
    put("    " + type.dump(-1, ' ', false, harness::Json::error_handler_t::replace));
    separator = ",\n";
  }
  put(ids.empty() ? "]\n}\n" : "\n  ]\n}\n");
  return {};
}

Result<Exit> run_dump(const Arguments& arguments) {
  static constexpr std::array<std::string_view, 3> kFormats = {"raw", "c", "json"};
  const auto format = arguments.has("--format") ? arguments.get("--format") : arguments.has("--json") ? "json" : "raw";
  if (std::ranges::find(kFormats, format) == kFormats.end())
    return fail(Errc::invalid, "--format: \"{}\" is none of raw, c and json", format);
  if (arguments.has("--json") && format != "json") return fail(Errc::invalid, "--json and --format {}", format);
  const auto file = arguments.has("FILE") ? arguments.get("FILE") : "vmlinux";
  const auto btf = SKEP_TRY(open_btf(file, arguments.get("--base")));
  if (format == "c") {
    const auto roots = SKEP_TRY(roots_of(btf, arguments.all("--root")));
    put(SKEP_TRY_CTX(c_header(btf, roots), "{}", btf_path(file)));
    return Exit::ok;
  }
  const auto ids = SKEP_TRY(chosen(btf, arguments.all("--root")));
  SKEP_TRY_CTX((format == "json" ? dump_json : dump_raw)(btf, ids), "{}", btf_path(file));
  return Exit::ok;
}

}  // namespace

extern const VerbRow kBtfDump;
const VerbRow kBtfDump = {
    .name = "btf dump",
    .summary = "print types as C, as records or as JSON",
    .description =
        "Prints all types, or those asked for. Without FILE those of the running kernel.\n"
        "\n"
        "As C, every structure has the size and every member the offset that the BTF says, with padding and attributes "
        "where C would have it otherwise. The second type of a name is called NAME___2, which CO-RE takes for the "
        "first. Clang reads it as C17 and before (bool, true and false are the kernel's own there).",
    .arguments = kArguments,
    .options = kOptions,
    .examples = kExamples,
    .notes = "",
    .run = run_dump,
};

}  // namespace skep::cli
