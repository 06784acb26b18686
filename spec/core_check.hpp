// Whether an object fits a kernel's types, before anybody loads it there: what its CO-RE relocations do not find, and
// whether a run can come to an instruction that has lost its meaning. Nothing but CO-RE is looked at.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "skep/spec/collection.hpp"
#include "skep/spec/reach.hpp"
#include "skep/spec/target.hpp"

namespace skep::spec {

// Ordered: the worst decides.
enum class CoreVerdict : std::uint8_t {
  ok,       // nothing is missing
  guarded,  // something is, and no run can come to an instruction that needs it
  fails,    // a run may come to one, or the object is refused
};
// "ok"
std::string_view to_string(CoreVerdict verdict);

// What one relocation does not find, at one instruction. A function that several programs call has its findings once.
struct CoreFinding {
  enum class Effect : std::uint8_t {
    answered,  // the program asks whether it exists (or its size or type), and is told 0
    guarded,   // poison, where no run comes to
    fails,     // poison, where one may come to; or an error
  };
  Effect effect{};
  std::vector<std::uint32_t> programs;  // indices into CoreReport::programs, ascending

  std::string function;
  std::uint32_t slot = 0;               // from the start of the function
  std::string file;                     // "" if the object has no line for it; then text is "", too
  std::uint32_t line = 0, column = 0;
  std::string text;
  Reach reach = Reach::reachable;       // of the instruction; as good as unknown if an error kept it from being patched

  std::uint32_t kind = 0;               // a btf::CoreKind
  std::string asks;                     // btf::describe: `byte_off of "task.pid" (0:0)`
  btf::CoreLack lack = btf::CoreLack::nothing;  // nothing: an error, which `reason` tells
  std::string missing;                  // the name that the target lacks
  std::string nearest;                  // one that it has (btf::NearestNames), or ""
  std::string reason;                   // in words
  bool operator==(const CoreFinding&) const = default;
};
std::string_view to_string(CoreFinding::Effect effect);

struct CoreProgram {
  std::string name;
  bool autoload = true;
  bool counts = true;  // for the verdict on the object
  CoreVerdict verdict = CoreVerdict::ok;
  std::string error;   // why it cannot be used at all, if no finding tells
  bool operator==(const CoreProgram&) const = default;
};

struct CoreReport {
  CoreVerdict verdict = CoreVerdict::ok;  // the worst of the programs that count
  std::vector<CoreProgram> programs;      // in the order in which they were given
  std::vector<CoreFinding> findings;      // what fails first; then by program and slot
  bool operator==(const CoreReport&) const = default;
};

// A program to check, and whether it counts.
struct CoreSubject {
  const ProgramSpec* program = nullptr;
  bool counts = true;
};
// All programs of the object. Those that are not loaded by default count only if none is.
std::vector<CoreSubject> core_subjects(const CollectionSpec& collection);

// Links each program, relocates it against the target (whose types must be known) and looks where poison is. Errors:
// rejected (programs that take too much once they are linked). What is wrong with one program is told with it.
Result<CoreReport> check_core(const CollectionSpec& collection, std::span<const CoreSubject> subjects,
                              const Target& target);

}  // namespace skep::spec
