// skep btf: the types of a kernel, a module or an object.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "skep/btf/c_format.hpp"
#include "skep/btf/raw_format.hpp"
#include "skep/cli/btf_file.hpp"
#include "skep/cli/btf_json.hpp"
#include "skep/cli/output.hpp"
#include "skep/cli/table.hpp"
#include "skep/cli/verb.hpp"

#include <nlohmann/json.hpp>

namespace skep::cli {
namespace {

using btf::Btf;
using btf::Kind;
using btf::TypeId;
using harness::Json;

constexpr std::string_view kFileHelp =
    "Raw BTF (/sys/kernel/btf/…), or a BPF object with a .BTF section, of either byte order. The word vmlinux means the "
    "running kernel's types, /sys/kernel/btf/vmlinux; - is standard input.";

constexpr OptionRow kBase = {"Input", "--base", "FILE",
                             "The BTF that FILE extends (split BTF). Modules below /sys/kernel/btf extend the running "
                             "kernel's unless this says otherwise."};

// Names come from the file: no control character of theirs reaches the terminal.
std::string harmless(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f; }, '?');
  return text;
}

// ---- dump

constexpr ArgumentRow kDumpArguments[] = {
    {"[FILE]", kFileHelp},
};

constexpr OptionRow kDumpOptions[] = {
    kBase,
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

constexpr ExampleRow kDumpExamples[] = {
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
    if (text.size() > kPiece) put(harmless(std::exchange(text, {})));
  }
  put(harmless(text));
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
    put("    " + type.dump(-1, ' ', false, Json::error_handler_t::replace));
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

constexpr VerbRow kDump = {
    .name = "btf dump",
    .summary = "print types as C, as records or as JSON",
    .description =
        "Prints all types, or those asked for. Without FILE those of the running kernel.\n"
        "\n"
        "As C, every structure has the size and every member the offset that the BTF says, with padding and attributes "
        "where C would have it otherwise. The second type of a name is called NAME___2, which CO-RE takes for the "
        "first. Clang reads it as C17 and before (bool, true and false are the kernel's own there).",
    .arguments = kDumpArguments,
    .options = kDumpOptions,
    .examples = kDumpExamples,
    .notes = "",
    .run = run_dump,
};

// ---- show

constexpr ArgumentRow kShowArguments[] = {
    {"FILE", kFileHelp},
};

constexpr OptionRow kShowOptions[] = {
    kBase,
    {"Output", "--json", "", "One JSON document instead of a table (docs/btf-show.schema.json)."},
};

constexpr ExampleRow kShowExamples[] = {
    {"skep btf show vmlinux", "How many types of which kind the running kernel has."},
};

std::map<Kind, std::uint32_t> count_kinds(const Btf& btf) {
  std::map<Kind, std::uint32_t> counts;
  for (auto id = btf.first_id(); id < btf.type_count(); ++id) ++counts[btf.kind(TypeId{id})];
  return counts;
}

std::string kind_text(Kind kind) {
  const auto known = to_string(kind);
  return known == "UNKNOWN" ? fmt::format("kind {}", static_cast<unsigned>(kind)) : std::string(known);
}

Result<Exit> run_show(const Arguments& arguments) {
  const auto file = btf_path(arguments.get("FILE"));
  const auto btf = SKEP_TRY(open_btf(arguments.get("FILE"), arguments.get("--base")));
  const auto base = base_path(arguments.get("FILE"), arguments.get("--base"));
  const auto types = btf.type_count() - btf.first_id();
  const auto counts = count_kinds(btf);
  if (arguments.has("--json")) {
    Json kinds = Json::object();
    for (const auto& [kind, count] : counts) kinds[kind_text(kind)] = count;
    put(harness::to_text({{"schema", "skep/btf-show/1"},
                          {"file", file},
                          {"base", base.empty() ? Json() : Json(base)},
                          {"byte_order", to_string(btf.byte_order())},
                          {"size", btf.raw().size()},
                          {"types", types},
                          {"first_id", btf.first_id()},
                          {"pointer_size", btf.pointer_size()},
                          {"kinds", std::move(kinds)}}));
    return Exit::ok;
  }
  put(printable(fmt::format("{}: {}-endian, {} bytes, {} types", file, to_string(btf.byte_order()), btf.raw().size(),
                            types)));
  put(base.empty() ? "\n" : printable(fmt::format(" from id {} on, above those of {}", btf.first_id(), base)) + "\n");
  Table table({"kind", "types"}, {1});
  for (const auto& [kind, count] : counts) table.add({kind_text(kind), std::to_string(count)});
  put(table.text());
  return Exit::ok;
}

constexpr VerbRow kShow = {
    .name = "btf show",
    .summary = "size, byte order and how many types of which kind",
    .description = "Tells what a BTF holds. Of one with a base, only its own types are counted.",
    .arguments = kShowArguments,
    .options = kShowOptions,
    .examples = kShowExamples,
    .notes = "",
    .run = run_show,
};

// ---- find

constexpr ArgumentRow kFindArguments[] = {
    {"FILE", kFileHelp},
    {"NAME", "The name, without struct or union."},
};

constexpr OptionRow kFindOptions[] = {
    kBase,
    {"Output", "--json", "",
     "One JSON document (docs/btf-find.schema.json): of each type its record, its size and the declaration."},
};

constexpr ExampleRow kFindExamples[] = {
    {"skep btf find vmlinux sk_buff", "Every member with its offset and size."},
    {"skep btf find vmlinux tcp_v4_connect", "The parameters of a kernel function."},
};

struct Found {
  TypeId id;
  std::optional<std::uint64_t> size;  // bytes
  std::string c;                      // "" if it has no declaration
};

Result<std::vector<Found>> find_types(const Btf& btf, const std::string& name) {
  std::vector<Found> found;
  for (const auto id : btf.find_all(name)) {
    Found one{.id = id, .size = {}, .c = SKEP_TRY(c_declaration(btf, id))};
    if (const auto size = btf.size_of(id)) one.size = *size;
    found.push_back(std::move(one));
  }
  if (found.empty()) return fail(Errc::not_found, "there is no type \"{}\"", name);
  return found;
}

Result<> print_found(const Btf& btf, const std::vector<Found>& found) {
  std::string text;
  for (const auto& one : found) {
    if (!text.empty()) text += '\n';
    const auto size = one.size ? fmt::format(", size {}", *one.size) : "";
    text += fmt::format("/* type {}, {}{} */\n", number(one.id), kind_text(btf.kind(one.id)), size);
    if (one.c.empty()) SKEP_TRY(append_raw(btf, one.id, text));
    else text += one.c + "\n";
  }
  put(harmless(std::move(text)));
  return {};
}

Result<> print_found_json(const Btf& btf, const std::string& file, const std::string& name,
                          const std::vector<Found>& found) {
  Json types = Json::array();
  for (const auto& one : found) {
    types.push_back({{"type", SKEP_TRY(type_json(btf, one.id))},
                     {"size", one.size ? harness::json_integer(*one.size) : Json()},
                     {"c", one.c.empty() ? Json() : Json(one.c)}});
  }
  put(harness::to_text({{"schema", "skep/btf-find/1"}, {"file", file}, {"name", name}, {"types", std::move(types)}}));
  return {};
}

Result<Exit> run_find(const Arguments& arguments) {
  const auto file = btf_path(arguments.get("FILE"));
  const auto name = arguments.get("NAME");
  const auto btf = SKEP_TRY(open_btf(arguments.get("FILE"), arguments.get("--base")));
  const auto found = SKEP_TRY_CTX(find_types(btf, name), "{}", file);
  if (arguments.has("--json")) SKEP_TRY_CTX(print_found_json(btf, file, name, found), "{}", file);
  else SKEP_TRY_CTX(print_found(btf, found), "{}", file);
  return Exit::ok;
}

constexpr VerbRow kFind = {
    .name = "btf find",
    .summary = "the types of a name, with sizes and offsets",
    .description =
        "Prints every type of that name as C, with the offset of each member from the start of the outermost structure. "
        "The exit status is 3 if there is none.",
    .arguments = kFindArguments,
    .options = kFindOptions,
    .examples = kFindExamples,
    .notes = "",
    .run = run_find,
};

constexpr const VerbRow* kCommands[] = {&kDump, &kShow, &kFind};

constexpr ExampleRow kExamples[] = {
    {"skep btf dump vmlinux --format c > vmlinux.h", "All types of the running kernel, for programs that use CO-RE."},
};

}  // namespace

const VerbRow kBtf = {
    .name = "btf",
    .summary = "types of a kernel or an object: as C, as records, by name",
    .description =
        "BTF (BPF Type Format) describes the types of a kernel, of its modules and of BPF objects. These commands read "
        "it from any such file, without privileges.",
    .arguments = {},
    .options = {},
    .examples = kExamples,
    .notes = "",
    .run = nullptr,
    .commands = kCommands,
};

}  // namespace skep::cli
