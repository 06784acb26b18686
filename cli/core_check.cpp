// skep core check: one object, many kernels. One kernel's types are open at a time.
#include <algorithm>

#include "skep/cli/btf_sources.hpp"
#include "skep/cli/core_report.hpp"
#include "skep/cli/load.hpp"
#include "skep/cli/output.hpp"
#include "skep/cli/progress.hpp"
#include "skep/cli/target.hpp"
#include "skep/cli/verb.hpp"
#include "skep/harness/names.hpp"

#include <nlohmann/json.hpp>

namespace skep::cli {
namespace {

constexpr ArgumentRow kArguments[] = {
    {"OBJ", "A BPF object, of either byte order; - is standard input."},
};

constexpr OptionRow kOptions[] = {
    {"Kernels", "--btf", "FILE|FOLDER",
     "Types to check against: raw BTF, or any ELF file with a .BTF section (a vmlinux, a BPF object), of the byte order "
     "of OBJ; the word vmlinux (the default) for those of the running kernel. A folder that holds a file `vmlinux` is "
     "one kernel, whose modules are the other files in it (/sys/kernel/btf). Any other folder stands for all that is in "
     "it, folders below included; files that hold no BTF, or that of another byte order, are left out there. May be "
     "given more than once.",
     true, true},
    {"Selection", "--prog", "NAME",
     "Only this program, or this function of .text, whether it is loaded by default or not. May be given more than "
     "once.",
     true},
    {"Output", "--json", "", "One JSON document instead of text (docs/core-check.schema.json)."},
};

constexpr ExampleRow kExamples[] = {
    {"skep core check trace.bpf.o", "Does it fit the running kernel?"},
    {"skep core check trace.bpf.o --btf btfhub/ubuntu kernels/6.1 vmlinux",
     "Against every kernel of an archive (unpacked), one with its modules, and the running one."},
    {"skep core check trace.bpf.o --btf btfhub --json | jq -r '.targets[] | select(.verdict == \"fails\").target'",
     "The kernels that it does not fit."},
};

// Programs that were asked for, or all.
Result<std::vector<spec::CoreSubject>> chosen(const CollectionSpec& spec, std::span<const std::string> names) {
  if (names.empty()) {
    auto subjects = spec::core_subjects(spec);
    if (subjects.empty()) return fail(Errc::not_found, "there is no program to check");
    return subjects;
  }
  std::vector<spec::CoreSubject> subjects;
  for (const auto& name : names) {
    const auto* program = harness::find_code(spec, name);
    if (program == nullptr)
      return fail(Errc::invalid, "there is no program or function \"{}\"; {}", name, harness::list_code(spec));
    if (std::ranges::find(subjects, program, &spec::CoreSubject::program) == subjects.end())
      subjects.push_back({program, true});
  }
  return subjects;
}

// Where reports go, one after the other: JSON at once, text at the end.
class Output {
 public:
  Output(bool is_json, const std::string& object) : is_json_(is_json), object_(object) {}

  void add(const std::string& target, const spec::CoreReport& report) {
    worst_ = std::max(worst_, report.verdict);
    if (is_json_) put_json(core_json(target, report));
    else text_.add(target, report);
    ++count_;
  }
  void add_unreadable(const std::string& target, const std::string& error) {
    any_unreadable_ = true;
    if (is_json_) put_json(core_json_unreadable(target, error));
    else text_.add_unreadable(target, error);
    ++count_;
  }
  std::size_t count() const { return count_; }
  // After one target or more.
  Exit finish() {
    const auto verdict = any_unreadable_ ? "unreadable" : to_string(worst_);
    put(is_json_ ? fmt::format("\n  ],\n  \"verdict\": \"{}\"\n}}\n", verdict) : text_.text());
    return any_unreadable_ || worst_ == spec::CoreVerdict::fails ? Exit::input : Exit::ok;
  }

 private:
  void put_json(const harness::Json& json) {
    if (count_ == 0)
      put(fmt::format("{{\n  \"schema\": \"skep/core-check/1\",\n  \"object\": {},\n  \"targets\": [",
                      harness::nested_text(harness::Json(object_), 1)));
    put((count_ == 0 ? "\n    " : ",\n    ") + harness::nested_text(json, 2));
  }

  bool is_json_, any_unreadable_ = false;
  std::string object_;
  spec::CoreVerdict worst_ = spec::CoreVerdict::ok;
  std::size_t count_ = 0;
  CoreText text_;
};

Result<Exit> run_check(const Arguments& arguments) {
  const auto path = arguments.get("OBJ");
  const bool is_json = arguments.has("--json");
  const auto spec = SKEP_TRY(load_object(path));
  const auto subjects = SKEP_TRY_CTX(chosen(spec, arguments.all("--prog")), "{}", path);
  const std::string running[] = {"vmlinux"};
  const auto words = arguments.has("--btf") ? arguments.all("--btf") : std::span(running);
  const auto sources = SKEP_TRY_CTX(find_btf_sources(words), "--btf");

  Output output(is_json, path);
  Progress progress(sources.size());
  std::size_t skipped = 0, foreign = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    progress.show(i, sources[i].path);
    const auto types = open_btf_source(sources[i], skipped);
    if (is_json) progress.clear();
    if (!types) {
      output.add_unreadable(sources[i].path, types.error().what());
    } else if (!*types) {
      ++skipped;
    } else {
      const auto same = check_byte_order(path, spec, **types);
      if (!same && !sources[i].is_named) {
        ++foreign;
        continue;
      }
      if (!same) {
        output.add_unreadable(sources[i].path, same.error().what());
        continue;
      }
      Target target;
      target.types = **types;
      output.add(sources[i].path, SKEP_TRY_CTX(spec::check_core(spec, subjects, target), "{}", path));
    }
  }
  progress.clear();
  if (skipped > 0)
    warn(skipped == 1 ? "1 file in a folder holds no BTF" : fmt::format("{} files in folders hold no BTF", skipped));
  if (foreign > 0)
    warn(foreign == 1 ? "1 kernel in a folder is of another byte order"
                      : fmt::format("{} kernels in folders are of another byte order", foreign));
  if (output.count() == 0) return fail(Errc::not_found, "--btf: there is no BTF to check against");
  return output.finish();
}

}  // namespace

extern const VerbRow kCoreCheck;
const VerbRow kCoreCheck = {
    .name = "core check",
    .summary = "whether an object fits the types of other kernels, and what they lack",
    .description =
        "Applies the CO-RE relocations of every program for each kernel that is named, offline and without privileges, "
        "and says what the kernel lacks: where in the source, which name, and the nearest one that it has.\n"
        "\n"
        "An instruction whose field, type or enumerator is missing has lost its meaning. libbpf replaces it by a call "
        "that no verifier accepts, and loads the program all the same, for only a run that comes there is wrong. So "
        "there are three verdicts:\n"
        "\n"
        "  ok        nothing is missing\n"
        "  guarded   something is missing, and the program takes care of it: no run\n"
        "            comes to an instruction that needs it\n"
        "  fails     a run may come to one, and the kernel will refuse the program; or\n"
        "            libbpf refuses it, because types of one name contradict each other,\n"
        "            or an instruction and what its relocation says of it\n"
        "\n"
        "Each finding has one of three effects: fails and guarded, as above, and answered: the program asks whether "
        "something exists (bpf_core_field_exists and the like, or a type's size) and is told 0.",
    .arguments = kArguments,
    .options = kOptions,
    .examples = kExamples,
    .notes =
        "WHAT COUNTS\n"
        "The exit status is 3 if the object fails for any kernel, or if the types of one cannot be read or are of "
        "another byte order, so that it is no kernel of this object's; guarded is fine. Programs that are not loaded by "
        "default (their section's name begins with '?') are checked and shown, "
        "but do not decide, for whoever loads the object chooses them by the kernel. They do if they are named by "
        "--prog, or if the object has no others.\n"
        "\n"
        "LIMITS\n"
        "That a place is not reached follows from constants in registers alone, so \"fails\" can be wrong where "
        "\"guarded\" and \"ok\" are not; except that kernels before 6.8 look at every global function, also at one that "
        "no run comes to. These guard nothing here:\n"
        "\n"
        "  * what a function returns (static noinline, global): `if (has_state())`\n"
        "  * a flag that the compiler spilled to the stack\n"
        "  * global variables and constants of .rodata, even if nobody changes them\n"
        "  * options of .kconfig, LINUX_KERNEL_VERSION among them\n"
        "\n"
        "Ask where the answer is needed (`if (bpf_core_field_exists(t->state)) use(t->state);`), make the function that "
        "asks __always_inline, or put what needs the field into a program of its own that is not loaded by default. "
        "Nothing but CO-RE is looked at: helpers, kfuncs, attach points and maps may "
        "be missing, too. The nearest name is a guess by spelling.\n",
    .run = run_check,
};

}  // namespace skep::cli
