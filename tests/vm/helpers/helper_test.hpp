// Helpers called as programs call them: a program that loads five numbers and calls, on the interpreter.
#pragma once

#include "skep/asm/helpers.hpp"
#include "skep/tests/vm/assembled.hpp"
#include "skep/vm/context/context.hpp"
#include "skep/vm/map.hpp"
#include "skep/tests/support/engine.hpp"

namespace skep::test {

class HelperTest : public MachineTest {
 protected:
  // From now on programs are of this type and get this packet.
  void use_context(ProgramType type, std::string_view hex = {}, vm::LinkLayer link = vm::LinkLayer::ethernet) {
    auto created = vm::Context::create(*machine, type);
    ASSERT_OK(created);
    context = std::move(*created);
    const auto bytes = from_hex(hex);
    ASSERT_OK(bytes);
    ASSERT_OK(context->reset(*bytes, link));
  }

  vm::RunResult call(std::uint32_t id, const std::vector<std::uint64_t>& arguments, std::uint64_t fuel = 1'000'000) {
    std::string text;
    for (std::size_t i = 0; i < arguments.size(); ++i) text += fmt::format("r{} = {:#x} ll\n", i + 1, arguments[i]);
    auto spec = assembled(text + fmt::format("call {}\nexit\nr0 = r1\nexit\n", id), fmt::format("call_{}", calls_++));
    // No type: for calls that the type may not make.
    if (context && helper_info(id)->allowed_for(static_cast<std::uint32_t>(context->type())))
      spec.type = context->type();
    auto* const program = load(spec);
    if (program == nullptr) return {};
    auto executable = program->executable(test::engine());
    EXPECT_OK(executable);
    return (*executable)->run(machine->cpu(), context.get(), 0, 0, fuel);
  }
  // The answer as a signed number; a fault fails the test.
  std::int64_t answer(std::uint32_t id, const std::vector<std::uint64_t>& arguments) {
    const auto result = call(id, arguments);
    EXPECT_FALSE(result.fault) << text_of(result);
    return static_cast<std::int64_t>(result.r0);
  }
  // "bad_argument: bpf_x: no map at 0x10"
  std::string fault(std::uint32_t id, const std::vector<std::uint64_t>& arguments) {
    const auto result = call(id, arguments);
    return result.fault ? fmt::format("{}: {}", to_string(result.fault->kind), result.fault->detail) : "no fault";
  }

  // A region that holds this text, with its NUL.
  vm::GuestAddress text(std::string_view content) {
    const auto address = region(content.size() + 1, "text");
    EXPECT_TRUE(machine->memory().copy_out(address, content.data(), content.size()));
    return address;
  }
  std::string text_at(vm::GuestAddress address, std::size_t size) const {
    std::string content(size, '\0');
    EXPECT_TRUE(machine->memory().copy_in(content.data(), address, size));
    return content;
  }

  vm::Map* map(MapType type, std::uint32_t key_size, std::uint32_t value_size, std::uint32_t entries) {
    MapSpec spec;
    spec.name = fmt::format("map{}", machine->maps().size());
    spec.type = type, spec.key_size = key_size, spec.value_size = value_size, spec.max_entries = entries;
    auto created = machine->create_map(spec);
    EXPECT_OK(created);
    return created ? *created : nullptr;
  }

  std::unique_ptr<vm::Context> context;
  int calls_ = 0;
};

// A frame: IPv4, TCP, 54 bytes.
inline constexpr std::string_view kFrame =
    "000000000000 000000000002 0800 45000028 12344000 40060000 0a000001 0a000002"
    "04d20050 00000001 00000002 50100001 00000000";

}  // namespace skep::test
