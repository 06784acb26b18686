// skep btf find: the types of a name, as C with the place of every member.
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
using harness::Json;

constexpr ArgumentRow kArguments[] = {
    {"FILE", kBtfFileHelp},
    {"NAME", "The name, without struct or union."},
};

constexpr OptionRow kOptions[] = {
    kBtfBase,
    {"Output", "--json", "",
     "One JSON document (docs/btf-find.schema.json): of each type its record, its size and the declaration."},
};

constexpr ExampleRow kExamples[] = {
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
  put(printable_lines(text));
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

}  // namespace

extern const VerbRow kBtfFind;
const VerbRow kBtfFind = {
    .name = "btf find",
    .summary = "the types of a name, with sizes and offsets",
    .description =
        "Prints every type of that name as C, with the offset of each member from the start of the outermost structure. "
        "The exit status is 3 if there is none.",
    .arguments = kArguments,
    .options = kOptions,
    .examples = kExamples,
    .notes = "",
    .run = run_find,
};

}  // namespace skep::cli
