// skep btf: the types of a kernel, a module or an object.
#include "skep/cli/verb.hpp"

namespace skep::cli {

extern const VerbRow kBtfDump, kBtfShow, kBtfFind;

namespace {

constexpr const VerbRow* kCommands[] = {&kBtfDump, &kBtfShow, &kBtfFind};

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
