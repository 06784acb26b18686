// The library's whole way in one screen: from the object that clang wrote to a verdict, offline.
#include <gtest/gtest.h>

#include "skep/base/file.hpp"
#include "skep/elf/load.hpp"
#include "skep/examples/packets/packets.hpp"
#include "skep/tests/support/paths.hpp"
#include "skep/tests/support/result.hpp"
#include "skep/vm/collection.hpp"
#include "skep/vm/context/context.hpp"

namespace skep::test {
namespace {

// Result<T> is std::expected<T, Error>: SKEP_TRY takes the value, or returns the error to the caller.
Result<std::string> verdict_of(const std::string& object, std::string_view program_name, Bytes packet) {
  const auto bytes = SKEP_TRY(read_file(object));
  CollectionSpec spec = SKEP_TRY(elf::load(bytes));                       // what the object declares: a value
  const auto machine = SKEP_TRY(vm::Machine::create());                   // a world: memory, clock, CPUs
  auto collection = SKEP_TRY(vm::Collection::create(*machine, std::move(spec)));  // its maps exist now
  vm::Program* program = SKEP_TRY(collection.program(program_name));      // linked, validated, bound to them

  auto context = SKEP_TRY(vm::Context::create(*machine, program->type()));
  SKEP_TRY(context->reset(packet));
  auto* executable = SKEP_TRY(program->executable(vm::interpreter()));
  const auto result = executable->run(machine->cpu(), context.get(), context->address(), 0, 1'000'000);
  if (result.fault) return fail(Errc::fault, "{}", to_string(*result.fault));
  return std::string(context->verdict(static_cast<std::uint32_t>(result.r0)).value_or("?"));
}

TEST(Library, FromObjectToVerdict) {
  using namespace examples;
  const auto stranger = ethernet(ipv4("203.0.113.1", "192.0.2.10", tcp(40000, 80, kSyn)));
  const auto verdict = verdict_of(example("xdp_firewall"), "xdp_firewall", stranger);
  ASSERT_OK(verdict);
  EXPECT_EQ(*verdict, "XDP_DROP");
}

TEST(Library, ErrorsTellTheWay) {
  EXPECT_EQ(verdict_of("/nonexistent.o", "x", {}).error().code(), Errc::os);
  const auto missing = verdict_of(example("xdp_firewall"), "xdp_frewall", {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), Errc::not_found);
  EXPECT_NE(message(missing).find("xdp_firewall"), std::string::npos) << message(missing);  // what there is
}

}  // namespace
}  // namespace skep::test
