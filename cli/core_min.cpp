// skep core min: the part of a kernel's types that some objects need. The rules are those of btf/minimal.hpp.
#include <filesystem>

#include "skep/base/file.hpp"
#include "skep/btf/minimal.hpp"
#include "skep/cli/btf_file.hpp"
#include "skep/cli/load.hpp"
#include "skep/cli/output.hpp"
#include "skep/cli/printable.hpp"
#include "skep/cli/table.hpp"
#include "skep/cli/verb.hpp"
#include "skep/harness/json.hpp"

#include <nlohmann/json.hpp>

namespace skep::cli {
namespace {

constexpr ArgumentRow kArguments[] = {
    {"OBJ…", "BPF objects; - is standard input."},
};

constexpr OptionRow kOptions[] = {
    {"Kernel", "--btf", "FILE",
     "The types to take from: raw BTF, or an ELF file with a .BTF section, of the byte order of the objects; the word "
     "vmlinux (the default) for those of the running kernel."},
    {"Output", "-o", "FILE", "Where the minimal BTF goes, as raw BTF; - is standard output."},
    {"Output", "--json", "",
     "What was kept, as one JSON document instead of a table (docs/core-min.schema.json). Not with `-o -`."},
};

constexpr ExampleRow kExamples[] = {
    {"skep core min trace.bpf.o filter.bpf.o --btf 5.4.0-91-generic.btf -o min.btf",
     "What two objects need to be loaded on a kernel without BTF."},
    {"skep core check trace.bpf.o --btf min.btf", "Says what it says of the whole, but for the nearest names: they are not in it."},
    {"skep core min trace.bpf.o -o - | skep btf dump - --format c", "The kernel as the object sees it."},
};

// One object.
struct Asked {
  std::string path;
  std::size_t relocations = 0, missing = 0, errors = 0;
};

std::vector<btf::CoreQuery> queries_of(const CollectionSpec& spec) {
  std::vector<btf::CoreQuery> queries;
  for (const auto* functions : {&spec.programs, &spec.subprograms})
    for (const auto& function : *functions)
      for (const auto& each : function.core_relocations) queries.push_back({each.type, each.access, each.kind});
  return queries;
}

// Adds what an object needs. What cannot be relocated is none of this command's business: it stays what it is.
Result<Asked> add(btf::MinimalBtf& minimal, const btf::Btf& whole, const std::string& path) {
  const auto spec = SKEP_TRY(load_object(path));
  const auto queries = queries_of(spec);
  if (queries.empty()) warn(fmt::format("{}: there are no CO-RE relocations", path));
  else if (spec.byte_order != whole.byte_order())
    return fail(Errc::rejected, "{} is {}-endian, the types are {}-endian", path, to_string(spec.byte_order),
                to_string(whole.byte_order()));
  Asked asked{.path = path, .relocations = queries.size()};
  std::string first;
  const auto fixups = minimal.add(queries, spec.types);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    asked.missing += fixups[i] && fixups[i]->lack != btf::CoreLack::nothing;
    if (fixups[i]) continue;
    if (asked.errors++ == 0)
      first = fmt::format("{}: {}", btf::describe(spec.types, queries[i]), fixups[i].error().what());
  }
  if (asked.errors > 0)
    warn(fmt::format("{}: relocations that cannot be made: {} (`skep core check` says where); {}", path, asked.errors,
                     first));
  return asked;
}

// A file that could not be written whole does not stay.
Result<> write_whole(const std::string& path, Bytes bytes) {
  auto writer = SKEP_TRY(FileWriter::create(path));
  writer.write(bytes);
  auto written = writer.finish();
  std::error_code ignored;
  if (!written && path != "-" && std::filesystem::is_regular_file(path, ignored))
    std::filesystem::remove(path, ignored);
  return written;
}

void print_text(const std::vector<Asked>& objects, const std::string& out, const btf::Btf& part,
                const std::string& whole_path, const btf::Btf& whole) {
  Table table({"object", "relocations", "missing", "errors"}, {1, 2, 3});
  for (const auto& each : objects)
    table.add({each.path, std::to_string(each.relocations), std::to_string(each.missing), std::to_string(each.errors)});
  put(printable(fmt::format("{}: {} types, {} bytes", out, part.type_count() - 1, part.raw().size())));
  put(printable(fmt::format(" (of {} types, {} bytes in {})", whole.type_count() - 1, whole.raw().size(), whole_path)) +
      "\n");
  put(table.text());
}

void print_json(const std::vector<Asked>& objects, const std::string& out, const btf::Btf& part,
                const std::string& whole_path, const btf::Btf& whole) {
  auto list = harness::Json::array();
  for (const auto& each : objects)
    list.push_back({{"object", each.path},
                    {"relocations", each.relocations},
                    {"missing", each.missing},
                    {"errors", each.errors}});
  const auto sizes = [](const std::string& file, const btf::Btf& btf) {
    return harness::Json{{"file", file}, {"types", btf.type_count() - 1}, {"size", btf.raw().size()}};
  };
  put(harness::to_text({{"schema", "skep/core-min/1"},
                        {"objects", std::move(list)},
                        {"minimal", sizes(out, part)},
                        {"btf", sizes(whole_path, whole)}}));
}

Result<Exit> run_min(const Arguments& arguments) {
  if (!arguments.has("-o")) return fail(Errc::invalid, "-o FILE is missing: where is the BTF to go?");
  const auto out = arguments.get("-o");
  if (out == "-" && arguments.has("--json")) return fail(Errc::invalid, "--json and -o -: both are standard output");
  const auto word = arguments.has("--btf") ? arguments.get("--btf") : "vmlinux";
  const auto whole = SKEP_TRY(open_btf(word));

  btf::MinimalBtf minimal(whole, btf_path(word));
  std::vector<Asked> objects;
  for (const auto& path : arguments.all("OBJ")) objects.push_back(SKEP_TRY(add(minimal, whole, path)));
  const auto part = SKEP_TRY_CTX(minimal.build(), "{}", btf_path(word));
  SKEP_TRY(write_whole(out, part.raw()));
  if (out != "-") (arguments.has("--json") ? print_json : print_text)(objects, out, part, btf_path(word), whole);
  return Exit::ok;
}

}  // namespace

extern const VerbRow kCoreMin;
const VerbRow kCoreMin = {
    .name = "core min",
    .summary = "the part of a kernel's types that objects need",
    .description =
        "Writes the types that the CO-RE relocations of some objects look at, and nothing else: a few kilobytes that "
        "go along with a program, for kernels that have no BTF of their own (libbpf's btf_custom_path). It is what "
        "`bpftool gen min_core_btf` makes.\n"
        "\n"
        "These objects are relocated by it as by the whole: the same values, what is missing stays missing, what is "
        "ambiguous stays ambiguous (a warning tells how many such errors there are). Types have other numbers. It says "
        "nothing to other objects: they are likely to miss something.",
    .arguments = kArguments,
    .options = kOptions,
    .examples = kExamples,
    .notes =
        "THE TABLE\n"
        "missing counts relocations that the kernel has nothing for: they are answered by 0, or poison the "
        "instruction. errors counts those that libbpf refuses the object for.\n",
    .run = run_min,
};

}  // namespace skep::cli
