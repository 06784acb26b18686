// skep btf show: what a BTF holds, in numbers.
#include <map>

#include "skep/cli/btf_file.hpp"
#include "skep/cli/btf_words.hpp"
#include "skep/cli/output.hpp"
#include "skep/cli/printable.hpp"
#include "skep/cli/table.hpp"
#include "skep/harness/json.hpp"

#include <nlohmann/json.hpp>

namespace skep::cli {
namespace {

using btf::Btf;
using btf::Kind;
using btf::TypeId;
using harness::Json;

constexpr ArgumentRow kArguments[] = {
    {"FILE", kBtfFileHelp},
};

constexpr OptionRow kOptions[] = {
    kBtfBase,
    {"Output", "--json", "", "One JSON document instead of a table (docs/btf-show.schema.json)."},
};

constexpr ExampleRow kExamples[] = {
    {"skep btf show vmlinux", "How many types of which kind the running kernel has."},
};

std::map<Kind, std::uint32_t> count_kinds(const Btf& btf) {
  std::map<Kind, std::uint32_t> counts;
  for (auto id = btf.first_id(); id < btf.type_count(); ++id) ++counts[btf.kind(TypeId{id})];
  return counts;
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

}  // namespace

extern const VerbRow kBtfShow;
const VerbRow kBtfShow = {
    .name = "btf show",
    .summary = "size, byte order and how many types of which kind",
    .description = "Tells what a BTF holds. Of one with a base, only its own types are counted.",
    .arguments = kArguments,
    .options = kOptions,
    .examples = kExamples,
    .notes = "",
    .run = run_show,
};

}  // namespace skep::cli
