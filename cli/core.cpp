// skep core: objects and the types of the kernels that they are to run on.
#include "skep/cli/verb.hpp"

namespace skep::cli {

extern const VerbRow kCoreCheck, kCoreMin;

namespace {

constexpr const VerbRow* kCommands[] = {&kCoreCheck, &kCoreMin};

constexpr ExampleRow kExamples[] = {
    {"skep core check trace.bpf.o --btf btfhub/ubuntu", "Which kernels does it fit, and what do the others lack?"},
};

}  // namespace

const VerbRow kCore = {
    .name = "core",
    .summary = "CO-RE: one object, the types of many kernels",
    .description =
        "CO-RE (compile once, run everywhere) adapts a BPF object to the types of the kernel that it is loaded on. "
        "These commands do that offline, for kernels that run somewhere else.",
    .arguments = {},
    .options = {},
    .examples = kExamples,
    .notes = "",
    .run = nullptr,
    .commands = kCommands,
};

}  // namespace skep::cli
