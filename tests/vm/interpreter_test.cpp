// What only running shows: calls, callbacks, tail calls, counting, fuel, reports of faults. What single
// instructions compute is held against the cases in tests/asm/cases and the conformance suite (conformance_test.cpp).
#include "skep/vm/engine.hpp"

#include <array>
#include <cstring>
#include <random>

#include <gtest/gtest.h>

#include "skep/tests/vm/assembled.hpp"
#include "skep/vm/context/context.hpp"

namespace skep::vm {
namespace {

class Interpreter : public test::MachineTest {
 protected:
  // A helper of the test's own.
  void helper(std::uint32_t id, HelperFunction function) { machine->helpers().set(id, function); }

  Map* prog_array(std::uint32_t slots) {
    MapSpec spec;
    spec.name = "jumps";
    spec.type = MapType::prog_array;
    spec.key_size = spec.value_size = 4;
    spec.max_entries = slots;
    auto map = machine->create_map(spec);
    EXPECT_OK(map);
    return map ? *map : nullptr;
  }
};

// Calls the function in r1 with r2, r3, …
std::uint64_t call_back(std::uint64_t f, std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d, Cpu& cpu) {
  return cpu.call(f, a, b, c, d).value_or(0);
}
constexpr std::uint32_t kCallBack = 220, kCharge = 221, kFail = 222;

// --- counting ---

TEST_F(Interpreter, CountsInstructionsExactly) {
  const auto count = [&](std::string_view text) { return run(text).instructions; };
  EXPECT_EQ(count("exit"), 1u);
  EXPECT_EQ(count("r0 = 1\n r0 += 1\n exit"), 3u);
  EXPECT_EQ(count("r0 = 1 ll\n exit"), 2u);  // a wide instruction is one
  EXPECT_EQ(count("goto +1\n r0 = 1\n exit"), 2u);
  EXPECT_EQ(count("r1 = 10\nagain: r1 += -1\n if r1 != 0 goto again\n exit"), 1u + 20 + 1);
  EXPECT_EQ(count("call f\n exit\n<f>: r0 = 1 ll\n exit"), 4u);
  EXPECT_EQ(count("r1 = 3\nagain: r2 = 5 ll\n r1 += -1\n if r1 == 0 goto +1\n goto again\n exit"), 1u + 3 * 4 - 1 + 1);
}

TEST_F(Interpreter, CountsWhatFaultsAndWhatHelpersCallBack) {
  const auto fault = run("r0 = 1\n r0 = 2\n r0 = *(u8 *)(r1 + 0)\n exit");
  EXPECT_EQ(fault.instructions, 3u);
  ASSERT_TRUE(fault.fault);
  EXPECT_EQ(fault.fault->instruction, 2u);
  helper(kCallBack, call_back);
  EXPECT_EQ(run("r1 = f ll\n call 220\n exit\n<f>: r0 = 1\n r0 = 2\n exit").instructions, 6u);
}

// --- fuel ---

TEST_F(Interpreter, StopsAtBackwardJumpsAndCallsOnly) {
  const std::string_view loop = "r0 = 0\nagain: r0 += 1\n goto again\n exit";
  for (const std::uint64_t fuel : {1u, 2u, 3u, 100u, 101u}) {
    const auto result = run(loop, 0, 0, fuel);
    ASSERT_TRUE(result.fault);
    EXPECT_EQ(result.fault->kind, FaultKind::out_of_fuel);
    EXPECT_EQ(result.fault->instruction, 2u);
    // The first jump back at which as many instructions as allowed have been executed.
    EXPECT_EQ(result.instructions, fuel <= 3 ? 3 : fuel % 2 == 1 ? fuel : fuel + 1);
  }
  EXPECT_R0(1, run("r0 = 1\n exit", 0, 0, 1));  // nothing to stop at
  EXPECT_R0(1, run("r0 = 1\n exit", 0, 0, 0));
  EXPECT_FAULT(FaultKind::out_of_fuel, run("call f\n exit\n<f>: r0 = 1\n exit", 0, 0, 1));
  EXPECT_R0(1, run("call f\n exit\n<f>: r0 = 1\n exit", 0, 0, 2));
}

TEST_F(Interpreter, ChargesHelpersForTheirWork) {
  helper(kCharge, [](std::uint64_t work, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, Cpu& cpu) {
    cpu.charge(work);
    return std::uint64_t{0};
  });
  const std::string_view loop = "r6 = 10\nagain: r1 = 100\n call 221\n r6 += -1\n if r6 != 0 goto again\n exit";
  const auto enough = run(loop, 0, 0, 2000);
  EXPECT_FALSE(enough.fault);
  EXPECT_EQ(enough.instructions, 1u + 40 + 1);  // work is fuel, not instructions
  const auto result = run(loop, 0, 0, 500);
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(result.instructions, 1u + 5 * 4);
  EXPECT_FAULT(FaultKind::out_of_fuel,
               run("r1 = -1\n call 221\nagain: goto again\n exit", 0, 0, std::uint64_t{1} << 39));
}

TEST_F(Interpreter, CallbacksUseTheFuelOfTheRun) {
  helper(kCallBack, [](std::uint64_t f, std::uint64_t n, std::uint64_t, std::uint64_t, std::uint64_t, Cpu& cpu) {
    std::uint64_t calls = 0;
    while (calls < n && cpu.call(f)) ++calls;
    return calls;
  });
  const std::string_view text = "r1 = f ll\n r2 = 1000\n call 220\n exit\n<f>: r0 = 0\n exit";
  const auto all = run(text);
  EXPECT_EQ(all.r0, 1000u);
  EXPECT_EQ(all.instructions, 4u + 2000);
  const auto some = run(text, 0, 0, 103 + 50 * kCallbackWork);
  ASSERT_TRUE(some.fault);
  EXPECT_EQ(some.fault->kind, FaultKind::out_of_fuel);
  EXPECT_EQ(some.fault->instruction, 3u);  // the call of the helper
  EXPECT_EQ(some.instructions, 103u);
}

// --- calls ---

TEST_F(Interpreter, KeepsR6ToR10AcrossCalls) {
  EXPECT_R0(1 + 2 + 3 + 4,
            run("r6 = 1\n r7 = 2\n r8 = 3\n r9 = 4\n *(u64 *)(r10 - 8) = 5\n call f\n"
                "if r0 != 9 goto +6\n r1 = *(u64 *)(r10 - 8)\n if r1 != 5 goto +4\n"
                "r0 = r6\n r0 += r7\n r0 += r8\n r0 += r9\n exit\n"
                "<f>: r6 = 0\n r7 = 0\n r8 = 0\n r9 = 0\n *(u64 *)(r10 - 8) = 9\n r0 = *(u64 *)(r10 - 8)\n exit"));
}

TEST_F(Interpreter, PutsFramesOfTheirSizesBelowEachOther) {
  // The caller uses 24 bytes, so 32.
  EXPECT_R0(machine->cpu().stack_top() - 32, run("*(u64 *)(r10 - 24) = 0\n call f\n exit\n<f>: r0 = r10\n exit"));
}

TEST_F(Interpreter, AllowsEightFrames) {
  const std::string_view text = "call f\n exit\n<f>: if r1 == 0 goto out\n r1 += -1\n call f\nout: r0 = 7\n exit";
  EXPECT_R0(7, run(text, 6));
  EXPECT_FAULT(FaultKind::call_depth, run(text, 7));
  EXPECT_R0(7, run(text, 6));
}

TEST_F(Interpreter, CountsCallbacksAsFrames) {
  helper(kCallBack, call_back);
  const std::string_view text =
      "r2 = r1\n r1 = f ll\n call 220\n exit\n"
      "<f>: if r1 == 0 goto out\n r2 = r1\n r2 += -1\n r1 = f ll\n call 220\n exit\nout: r0 = 7\n exit";
  EXPECT_R0(7, run(text, 6));
  EXPECT_FAULT(FaultKind::call_depth, run(text, 7));
}

TEST_F(Interpreter, LeavesR1ToR5AloneInHelperCalls) {
  helper(kCallBack, [](std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, Cpu&) {
    return std::uint64_t{100};
  });
  EXPECT_R0(115, run("r1 = 1\n r2 = 2\n r3 = 3\n r4 = 4\n r5 = 5\n call 220\n r0 += r1\n r0 += r2\n r0 += r3\n r0 += "
                     "r4\n r0 += r5\n exit"));
}

TEST_F(Interpreter, PassesFiveArgumentsToCallbacksInAFrameBelow) {
  helper(kCallBack, [](std::uint64_t f, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, Cpu& cpu) {
    return cpu.call(f, 1, 20, 300, 4000, 50000).value_or(0);
  });
  EXPECT_R0(54321,
            run("*(u64 *)(r10 - 8) = 77\n r1 = f ll\n call 220\n r1 = *(u64 *)(r10 - 8)\n if r1 != 77 goto bad\n exit\n"
                "bad: r0 = -1\n exit\n"
                "<f>: *(u64 *)(r10 - 8) = 0\n r0 = r1\n r0 += r2\n r0 += r3\n r0 += r4\n r0 += r5\n exit"));
}

TEST_F(Interpreter, RefusesCallbacksThatAreNoFunctions) {
  helper(kCallBack, call_back);
  EXPECT_FAULT(FaultKind::bad_jump, run("r1 = 1234\n call 220\n exit"));
  EXPECT_FAULT(FaultKind::bad_jump, run("r1 = f ll\n r1 += 8\n call 220\n exit\n<f>: r0 = 0\n exit"));
  Program* const other = load(test::assembled("r0 = 1\n exit"));
  EXPECT_FAULT(FaultKind::bad_jump, run("call 220\n exit", other->code_base()));
}

TEST_F(Interpreter, FaultsInCallbacksEndTheRun) {
  helper(kCallBack, call_back);
  const auto result = run("r1 = f ll\n call 220\n r0 = 1\n exit\n<f>: r1 = 0\n r0 = *(u8 *)(r1 + 0)\n exit");
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(result.fault->kind, FaultKind::memory);
  EXPECT_EQ(result.fault->instruction, 6u);
  EXPECT_EQ(result.instructions, 4u);
}

TEST_F(Interpreter, TakesFaultsFromHelpers) {
  helper(kFail, [](std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, Cpu& cpu) {
    cpu.fault(FaultKind::bad_argument, "bpf_thing: 0x0 is no map", 0);
    return std::uint64_t{1};
  });
  const auto result = run("r0 = 3\n call 222\n exit");
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(to_string(*result.fault),
            "bad_argument fault in test, instruction 1: bpf_thing: 0x0 is no map at 0x0: null page");
  EXPECT_R0(3, run("r0 = 3\n exit"));
}

TEST_F(Interpreter, CallsThroughRegisters) {
  EXPECT_R0(5, run("r1 = f ll\n callx r1\n exit\n<f>: r0 = 5\n exit"));
  helper(kCallBack, [](std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, Cpu&) {
    return std::uint64_t{6};
  });
  EXPECT_R0(6, run("r1 = 220\n callx r1\n exit"));
  EXPECT_FAULT(FaultKind::bad_jump, run("r1 = 219\n callx r1\n exit"));
  EXPECT_FAULT(FaultKind::bad_jump, run("r1 = f ll\n r1 += 8\n callx r1\n exit\n<f>: r0 = 5\n exit"));
}

TEST_F(Interpreter, JumpsThroughRegistersInsideTheFunction) {
  const std::string_view text =
      "r2 = f ll\n r2 += r1\n call f\n exit\n"  // slots 0 to 4
      "<f>: gotox r2\n r0 = 1\n exit\n r0 = 2\n exit\n r0 = 3 ll\n exit";
  EXPECT_R0(1, run(text, 8 * 1));
  EXPECT_R0(2, run(text, 8 * 3));
  EXPECT_R0(3, run(text, 8 * 5));
  EXPECT_FAULT(FaultKind::bad_jump, run(text, 8 * 6));          // second slot of a wide instruction
  EXPECT_FAULT(FaultKind::bad_jump, run(text, 8 * 8));          // behind the end
  EXPECT_FAULT(FaultKind::bad_jump, run(text, -8ull));          // another function
  EXPECT_FAULT(FaultKind::bad_jump, run(text, 4));              // between two
  EXPECT_FAULT(FaultKind::out_of_fuel, run(text, 0, 0, 1000));  // itself, for ever
}

TEST_F(Interpreter, MayGotoEndsLoopsPerFrame) {
  const auto result = run("r0 = 0\nagain: may_goto out\n r0 += 1\n goto again\nout: exit");
  EXPECT_R0(8388608, result);
  // Each call of f has its own.
  EXPECT_R0(2,
            run("call f\n r6 = r0\n call f\n r0 += r6\n exit\n<f>: may_goto out\n r0 = 1\n exit\nout: r0 = 0\n exit"));
}

// --- tail calls ---

std::string tail_call_to(int index, std::string_view after) {
  return fmt::format("r2 = jumps ll\n r3 = {}\n call 12\n{}", index, after);
}

TEST_F(Interpreter, TailCallsReplaceTheProgram) {
  Map* const jumps = prog_array(2);
  Program* const target = load(test::assembled("r0 = r1\n r0 += 5\n exit", "target"));
  ASSERT_OK(jumps->set_program(1, target));
  const auto result = run(tail_call_to(1, "r0 = 1\n exit"), 30);
  EXPECT_R0(35, result);
  EXPECT_EQ(result.instructions, 3u + 3);
}

TEST_F(Interpreter, TailCallsFallThrough) {
  prog_array(2);
  for (const int index : {1, 2, -1}) EXPECT_R0(9, run("r0 = 9\n" + tail_call_to(index, "exit")));
  EXPECT_FAULT(FaultKind::bad_argument, run("r2 = 1\n r3 = 0\n call 12\n exit"));
}

TEST_F(Interpreter, TailCallsAreThirtyThree) {
  Map* const jumps = prog_array(1);
  const auto cell = region(8);
  Program* const counter = load(test::assembled("r6 = r1\n r0 = *(u64 *)(r6 + 0)\n r0 += 1\n *(u64 *)(r6 + 0) = r0\n" +
                                                tail_call_to(0, "r0 = *(u64 *)(r6 + 0)\n exit")));
  ASSERT_OK(jumps->set_program(0, counter));
  EXPECT_R0(34, run(counter, cell));  // itself, and 33 times more
}

TEST_F(Interpreter, TailCallsInFunctionsReturnToTheCaller) {
  Map* const jumps = prog_array(1);
  ASSERT_OK(
      jumps->set_program(0, load(test::assembled("r6 = 0\n *(u64 *)(r10 - 512) = r6\n r0 = 40\n exit", "target"))));
  const auto result = run("r6 = 2\n *(u64 *)(r10 - 8) = r6\n call f\n r6 = *(u64 *)(r10 - 8)\n r0 += r6\n exit\n<f>:" +
                          tail_call_to(0, "r0 = 1\n exit"));
  EXPECT_R0(42, result);
  EXPECT_EQ(result.instructions, 3u + 3 + 4 + 3);
  // The fault of a target is the target's.
  ASSERT_OK(jumps->set_program(0, load(test::assembled("r0 = *(u8 *)(r10 + 4096)\n exit", "bad"))));
  const auto fault = run("call f\n exit\n<f>:" + tail_call_to(0, "r0 = 1\n exit"));
  ASSERT_TRUE(fault.fault);
  EXPECT_EQ(fault.fault->program, "bad");
  EXPECT_EQ(fault.fault->instruction, 0u);
}

// A program that no verifier saw reads argument registers after a call. Its own calls leave in them what they held;
// what another program left there is not shown.
TEST_F(Interpreter, TailCallsLeaveNothingInArgumentRegisters) {
  Map* const jumps = prog_array(2);
  ASSERT_OK(jumps->set_program(0, load(test::assembled("r2 = 7\n call 5\n r4 = 9\n r0 = 40\n exit", "other"))));
  const std::string sum = "r0 = r1\n r0 += r2\n r0 += r3\n r0 += r4\n r0 += r5\n exit\n<f>: r5 = 100\n call 5\n";
  const std::string call = "r1 = 1\n r2 = 2\n r3 = 3\n r4 = 4\n call f\n ";
  EXPECT_R0(1 + 2 + 3 + 4 + 100, run(call + sum + "exit"));
  EXPECT_R0(0, run(call + sum + tail_call_to(0, "r0 = 1\n exit")));
  // Itself: the second time it ends at once, and its registers are its own (r2 and r3 named the slot).
  Program* const again = load(test::assembled("if r4 == 4 goto out\n" + call +
                                              "r0 = r1\n r0 += r2\n r0 += r3\n r0 += r4\n r0 += r5\n exit\nout: exit\n"
                                              "<f>: r5 = 100\n call 5\n" + tail_call_to(1, "r0 = 1\n exit")));
  ASSERT_OK(jumps->set_program(1, again));
  EXPECT_R0(1 + jumps->handle() + 1 + 4 + 100, run(again));
}

TEST_F(Interpreter, TailCallsInCallbacksFallThrough) {
  helper(kCallBack, call_back);
  Map* const jumps = prog_array(1);
  ASSERT_OK(jumps->set_program(0, load(test::assembled("r0 = 40\n exit", "target"))));
  EXPECT_R0(1, run("r1 = f ll\n call 220\n exit\n<f>:" + tail_call_to(0, "r0 = 1\n exit")));
}

TEST_F(Interpreter, EndlessTailCallsCannotOutrunFuel) {
  Map* const jumps = prog_array(1);
  ASSERT_OK(jumps->set_program(0, load(test::assembled("r0 = 40\n exit", "target"))));
  EXPECT_FAULT(FaultKind::out_of_fuel, run(tail_call_to(0, "exit"), 0, 0, 3));
}

// --- memory ---

TEST_F(Interpreter, AtomicsWantAlignedAddresses) {
  const auto at = region(16);
  EXPECT_R0(0, run("r2 = 1\n lock *(u64 *)(r1 + 8) += r2\n r0 = 0\n exit", at));
  const auto result = run("r0 = 7\n r2 = 1\n lock *(u32 *)(r1 + 2) += r2\n exit", at);
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(to_string(*result.fault),
            fmt::format("misaligned fault in test, instruction 2: atomic operation of 4 bytes that is "
                        "not aligned at {:#x}: memory +2",
                        at + 2));
}

TEST_F(Interpreter, ReportsAccessesInWords) {
  const auto at = region(4096, "values of map flows");
  const auto fault = [&](std::string_view text, std::uint64_t r1) {
    const auto result = run(text, r1);
    return result.fault ? to_string(*result.fault) : "no fault";
  };
  EXPECT_EQ(fault("*(u32 *)(r1 + 0) = 1\n exit", 0),
            "memory fault in test, instruction 0: store of 4 bytes at 0x0: null page");
  EXPECT_EQ(fault("r0 = 0\n r0 = *(u8 *)(r1 - 1)\n exit", 1),
            "memory fault in test, instruction 1: load of 1 byte at 0x0: null page");
  EXPECT_EQ(fault("r0 = *(u64 *)(r1 + 4096)\n exit", at),
            fmt::format("memory fault in test, instruction 0: load of 8 bytes at {:#x}: unmapped, 0 bytes past the end "
                        "of values of map flows",
                        at + 4096));
  // The whole register is reported; its low half is what was accessed.
  EXPECT_EQ(fault("r1 = -16\n r0 = *(u64 *)(r1 + 0)\n exit", at),
            "memory fault in test, instruction 1: load of 8 bytes at 0xfffffffffffffff0: error pointer");
  const auto constants = region(8, ".rodata", Protection::read);
  EXPECT_EQ(
      fault("r2 = 1\n *(u8 *)(r1 + 0) = r2\n exit", constants),
      fmt::format("memory fault in test, instruction 1: store of 1 byte at {:#x}: .rodata +0 (read-only)", constants));
}

TEST_F(Interpreter, NamesFunctionAndLine) {
  ProgramSpec spec = test::assembled("call f\n exit\n<f>: r1 = 0\n r0 = *(u8 *)(r1 + 0)\n exit");
  spec.code.functions = {{0, "entry", 0}, {2, "helper_of_mine", 0}};
  spec.code.files = {"prog.bpf.c"};
  spec.code.lines = {{0, 0, 10, 1, "entry"}, {2, 0, 20, 1, "  return *p;"}};
  const auto result = run(load(spec));
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(to_string(*result.fault),
            "memory fault in test: helper_of_mine, instruction 3 (prog.bpf.c:20): load of 1 byte at 0x0: null page");
  EXPECT_EQ(result.fault->text, "  return *p;");
}

TEST_F(Interpreter, IgnoresTheUpperHalfOfPointers) {
  const auto at = region(8);
  EXPECT_R0(
      9, run("r2 = 9\n *(u64 *)(r1 + 0) = r2\n r3 = 1 ll\n r3 <<= 40\n r1 |= r3\n r0 = *(u64 *)(r1 + 0)\n exit", at));
}

TEST_F(Interpreter, StartsWithAClearStackEachRun) {
  Program* const program = load(test::assembled("r0 = *(u64 *)(r10 - 8)\n *(u64 *)(r10 - 8) = 5\n exit"));
  EXPECT_R0(0, run(program));
  EXPECT_R0(0, run(program));
}

TEST_F(Interpreter, StoresAndLoadsWithOrder) {
  const auto at = region(64);
  EXPECT_R0(0x1234,
            run("r2 = 0x1234\n store_release((u16 *)(r1 + 2), r2)\n r0 = load_acquire((u16 *)(r1 + 2))\n exit", at));
  EXPECT_FAULT(FaultKind::misaligned, run("r0 = load_acquire((u32 *)(r1 + 2))\n exit", at));
}

TEST_F(Interpreter, ReadsPacketsTheLegacyWay) {
  auto context = Context::create(*machine, ProgramType::socket_filter);
  ASSERT_OK(context);
  std::vector<std::byte> packet(64);
  for (std::size_t i = 0; i < packet.size(); ++i) packet[i] = static_cast<std::byte>(i);
  ASSERT_OK((*context)->reset(packet));
  const auto read = [&](std::string_view text) {
    ProgramSpec spec = test::assembled(text);
    spec.type = ProgramType::socket_filter;
    auto executable = load(spec)->executable(interpreter());
    EXPECT_OK(executable);
    return (*executable)->run(machine->cpu(), context->get(), (*context)->address(), 0, 1000);
  };
  const Packet& bytes = *(*context)->packet();
  const auto length = bytes.end - bytes.data;
  const auto first = static_cast<std::uint64_t>(static_cast<std::uint8_t>(packet[packet.size() - length]));
  EXPECT_R0(first, read("r6 = r1\n r0 = *(u8 *)skb[0]\n exit"));
  EXPECT_R0((first + 2) << 8 | (first + 3), read("r6 = r1\n r0 = *(u16 *)skb[2]\n exit"));
  EXPECT_R0(first + 3, read("r6 = r1\n r2 = 1\n r0 = *(u8 *)skb[r2 + 2]\n exit"));
  // Out of range ends the function with 0.
  EXPECT_R0(0, read("r6 = r1\n r0 = *(u32 *)skb[62]\n r0 = 5\n exit"));
  EXPECT_R0(0, read("r6 = r1\n r0 = *(u8 *)skb[-1]\n r0 = 5\n exit"));
  EXPECT_R0(5, read("r6 = r1\n call f\n r0 = 5\n exit\n<f>: r0 = *(u32 *)skb[62]\n exit"));
  EXPECT_FAULT(FaultKind::bad_argument, run("r6 = r1\n r0 = *(u8 *)skb[0]\n exit"));
}

// --- instructions that share an operation ---

TEST_F(Interpreter, JumpsIntoTheMiddleOfAPair) {
  EXPECT_R0(6, run("r0 = 1\n goto middle\n r0 = 100\nmiddle: r0 += 5\n exit"));
  EXPECT_R0(3, run("r2 = 3\n r1 = 0\nagain: r0 = r2\n r0 += r1\n if r1 == 0 goto +1\n exit\n goto +0\n exit"));
}

// One random instruction of those that clang writes most, on few registers, so that one often uses what the last one
// wrote. `skip` is the distance of a branch over the next instruction.
Instruction common_instruction(std::mt19937_64& random, std::int16_t skip) {
  static constexpr Op kOps[] = {
      Op::mov64_reg, Op::mov64_imm,  Op::add64_imm, Op::add64_reg, Op::sub64_reg, Op::mul64_imm, Op::mul64_reg,
      Op::and64_imm, Op::and64_reg,  Op::or64_imm,  Op::or64_reg,  Op::xor64_imm, Op::xor64_reg, Op::lsh64_imm,
      Op::rsh64_imm, Op::arsh64_imm, Op::mov32_reg, Op::add32_imm, Op::add32_reg, Op::sub32_reg, Op::and32_imm,
      Op::or32_reg,  Op::xor32_reg,  Op::lsh32_imm, Op::rsh32_imm, Op::be16,      Op::be32,      Op::ldx8,
      Op::ldx16,     Op::ldx32,      Op::ldx64,     Op::stx8,      Op::stx16,     Op::stx32,     Op::stx64,
      Op::jeq64_imm, Op::jne64_imm,  Op::jgt64_imm, Op::jlt64_imm, Op::jeq64_reg, Op::jne64_reg, Op::jgt64_reg,
      Op::jlt64_reg, Op::jeq32_imm,  Op::jne32_imm, Op::mov64_reg, Op::lsh64_imm, Op::rsh64_imm, Op::add64_imm,
      Op::add64_reg};
  Instruction insn{.op = kOps[random() % std::size(kOps)]};
  const OpInfo& row = info(insn.op);
  insn.dst = static_cast<Reg>(random() % 3);
  if (row.src == OpInfo::kAny) insn.src = static_cast<Reg>(random() % 3);
  if (row.imm == OpInfo::kAny)
    insn.imm = static_cast<std::int64_t>(random() % 32) - (row.meaning == Meaning::add ? 16 : 0);
  // Memory is behind r9; addresses through other registers go where they go, and fault.
  const bool load = row.form == Form::Load, store = row.form == Form::StoreReg;
  if (load || store) {
    if (random() % 8 != 0) (load ? insn.src : insn.dst) = Reg::r9;
    insn.off = static_cast<std::int16_t>(random() % 64);
  }
  if (row.form == Form::JmpImm || row.form == Form::JmpReg) insn.off = skip;
  return insn;
}

TEST_F(Interpreter, SharingAnOperationChangesNothing) {
  const auto memory = region(kPageSize);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    constexpr int kLength = 30;
    // The same instructions twice: side by side, and kept apart by jumps to the next one.
    std::mt19937_64 random(seed), again(seed);
    ProgramSpec together, apart;
    together.name = apart.name = "test";
    for (int i = 0; i < kLength; ++i) {
      together.code.insns.push_back(common_instruction(random, 1));
      apart.code.insns.push_back(common_instruction(again, 3));
      apart.code.insns.push_back({.op = Op::ja});
    }
    for (ProgramSpec* spec : {&together, &apart}) {
      auto& insns = spec->code.insns;
      insns.insert(insns.begin(), {.op = Op::mov64_reg, .dst = Reg::r9, .src = Reg::r1});
      insns.push_back({.op = Op::mov64_imm, .dst = Reg::r8, .imm = 0});  // what the last branch skips
      if (spec == &apart) insns.push_back({.op = Op::ja});
      for (std::int16_t reg = 0; reg < 3; ++reg)
        insns.push_back({.op = Op::stx64,
                         .dst = Reg::r9,
                         .src = static_cast<Reg>(reg),
                         .off = static_cast<std::int16_t>(128 + 8 * reg)});
      insns.push_back({.op = Op::exit});
    }
    std::array<std::byte, 256> left[2];
    std::optional<std::uint64_t> addresses[2];
    int index = 0;
    for (const ProgramSpec* spec : {&together, &apart}) {
      std::array<std::byte, 256> bytes;
      for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 37 + seed);
      ASSERT_TRUE(machine->memory().copy_out(memory, bytes.data(), bytes.size()));
      const auto result = run(load(*spec), memory, seed);
      ASSERT_TRUE(machine->memory().copy_in(left[index].data(), memory, bytes.size()));
      if (result.fault) addresses[index] = result.fault->address;
      ++index;
    }
    ASSERT_EQ(left[0], left[1]) << "seed " << seed;
    ASSERT_EQ(addresses[0], addresses[1]) << "seed " << seed;
  }
}

TEST_F(Interpreter, CastsBetweenAddressSpaces) {
  EXPECT_R0(0x89abcdef, run("r1 = 0x123456789abcdef ll\n r0 = addr_space_cast(r1, 0, 1)\n exit"));
  EXPECT_R0(0, run("r1 = 0\n r0 = addr_space_cast(r1, 1, 0)\n exit"));
}

}  // namespace
}  // namespace skep::vm
