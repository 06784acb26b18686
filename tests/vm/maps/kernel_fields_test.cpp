// Values with fields of the kernel's: what is written and read around them, and BPF_F_LOCK.
#include "skep/vm/maps/kernel_fields.hpp"

#include <atomic>
#include <thread>

#include <bpf/bpf.h>
#include <unistd.h>

#include "skep/spec/link.hpp"
#include "skep/tests/support/engine.hpp"
#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/kernel_map.hpp"
#include "skep/tests/support/libbpf.hpp"
#include "skep/tests/support/objects.hpp"
#include "skep/tests/vm/assembled.hpp"
#include "skep/tests/vm/maps/support.hpp"

namespace skep::vm {
namespace {

class GuardedMaps : public MapTest {
 protected:
  void compare(const char* fixture);
  Data answers_here(const std::string& program);
  Map& make(const char* name) {
    auto map = machine->create_map(*spec.map(name), spec.types);
    EXPECT_OK(map);
    return **map;
  }

  CollectionSpec spec = test::load_fixture("vm/maps/guarded.bpf");
};

// { before, lock, after }
Data guarded(std::uint32_t before, std::uint32_t lock, std::uint64_t after) {
  Data value = u32(before);
  for (const auto& part : {u32(lock), u64(after)}) value.insert(value.end(), part.begin(), part.end());
  return value;
}

// Operations on a map, of ours or of the kernel's, and what they answered: 0 or a negative errno, and values. All bytes
// of a value that is written are equal: where it is not read back, a field lies.
template <class Lookup, class Update, class Erase>
std::string exercise(std::size_t size, Lookup lookup, Update update, Erase erase) {
  constexpr std::uint64_t kUnknown = kLock | 8;
  std::string text;
  Data value(size);
  const auto answers = [&](std::string_view what, int result, const Data& seen = {}) {
    text += fmt::format("{}: {} {}\n", what, result, result == 0 ? to_hex(seen) : "");
  };
  const auto read = [&](std::uint32_t key, std::uint64_t flags) {
    std::ranges::fill(value, std::byte{0xee});
    answers(fmt::format("lookup {} flags {}", key, flags), lookup(u32(key), value, flags), value);
  };
  const auto write = [&](std::uint32_t key, std::uint8_t byte, std::uint64_t flags) {
    const Data bytes(size, std::byte{byte});
    answers(fmt::format("update {} with {} flags {}", key, byte, flags), update(u32(key), bytes, flags));
    read(key, 0);
  };
  for (const std::uint64_t flags :
       {kLock | kExist, +kLock, kLock | kNoExist, kLock | kExist, kLock | 3, kUnknown, +kExist, +kAny})
    write(1, static_cast<std::uint8_t>(0x10 + flags), flags);
  write(2, 0x22, kLock | kNoExist);
  write(3, 0x33, kAny);
  for (const std::uint64_t flags : {+kAny, +kLock, +kExist, kUnknown, 3ul}) read(1, flags);
  read(9, kLock);
  write(9, 0x44, kLock);
  write(9, 0x44, kLock | kNoExist);
  answers("erase", erase(u32(2)));
  write(2, 0x55, kLock);
  for (const std::uint32_t key : {4u, 5u, 6u, 7u}) write(key, 0x66, kLock);  // until it is full
  return text;
}

std::string unavailable() {
  return test::Libbpf::get() == nullptr ? "libbpf.so.1 is not installed" : test::KernelMap::unavailable();
}

test::BpfObject loaded(const char* fixture) {
  auto object = test::libbpf_open(test::fixture(fixture));
  EXPECT_TRUE(object);
  EXPECT_EQ(SKEP_LIBBPF(bpf_object__load)(object.get()), 0);
  return object;
}

// A program's run, and the variables that it leaves.
Data kernels_answers(bpf_object* object, const std::string& program) {
  const bpf_program* const found = SKEP_LIBBPF(bpf_object__find_program_by_name)(object, program.c_str());
  const bpf_map* const variables = SKEP_LIBBPF(bpf_object__find_map_by_name)(object, ".bss");
  const Data packet(64);
  bpf_test_run_opts options{};
  options.sz = sizeof options;
  options.data_in = packet.data();
  options.data_size_in = static_cast<std::uint32_t>(packet.size());
  EXPECT_EQ(SKEP_LIBBPF(bpf_prog_test_run_opts)(SKEP_LIBBPF(bpf_program__fd)(found), &options), 0);
  Data answers(SKEP_LIBBPF(bpf_map__value_size)(variables));
  const int map = SKEP_LIBBPF(bpf_map__fd)(variables);
  EXPECT_EQ(SKEP_LIBBPF(bpf_map_lookup_elem)(map, u32(0).data(), answers.data()), 0);
  EXPECT_EQ(SKEP_LIBBPF(bpf_map_update_elem)(map, u32(0).data(), Data(answers.size()).data(), 0), 0);
  return answers;
}

Data GuardedMaps::answers_here(const std::string& program) {
  machine = machine_with(1);
  for (const MapSpec& map : spec.maps) make(map.name.c_str());
  const auto linked = spec::link(spec, program);
  EXPECT_OK(linked);
  auto loaded = machine->load(*linked);
  EXPECT_OK(loaded);
  auto executable = (*loaded)->executable(test::engine());
  EXPECT_OK(executable);
  const auto result = (*executable)->run(machine->cpu(), nullptr, 0, 0, 10'000);
  EXPECT_FALSE(result.fault) << test::text_of(result);
  return *machine->map(".bss")->host_lookup(u32(0));
}

// The fixture's maps, made by libbpf in the running kernel and by us.
void GuardedMaps::compare(const char* fixture) {
  if (const auto reason = unavailable(); !reason.empty()) GTEST_SKIP() << reason;
  const auto object = loaded(fixture);
  spec = test::load_fixture(fixture);
  machine = machine_with(test::KernelMap::possible_cpus());
  for (const MapSpec& declared : spec.maps) {
    if (declared.kind != MapKind::user) continue;
    SCOPED_TRACE(declared.name);
    const bpf_map* const made = SKEP_LIBBPF(bpf_object__find_map_by_name)(object.get(), declared.name.c_str());
    ASSERT_NE(made, nullptr);
    const test::KernelMap theirs(Fd(dup(SKEP_LIBBPF(bpf_map__fd)(made))));
    Map& ours = make(declared.name.c_str());
    const auto size = ours.host_value_size();
    const auto here = exercise(
        size,
        [&](const Data& key, Data& value, std::uint64_t flags) {
          auto found = ours.host_lookup(key, flags);
          if (found) value = *found;
          return sys(found);
        },
        [&](const Data& key, const Data& value, auto flags) { return sys(ours.host_update(key, value, flags)); },
        [&](const Data& key) { return sys(ours.host_erase(key)); });
    const auto there = exercise(
        size, [&](const Data& key, Data& value, auto flags) { return theirs.lookup(key, value, flags); },
        [&](const Data& key, const Data& value, auto flags) { return theirs.update(key, value, flags); },
        [&](const Data& key) { return theirs.erase(key); });
    EXPECT_EQ(here, there);
  }
}

TEST_F(GuardedMaps, SameAnswersToPrograms) {
  if (const auto reason = unavailable(); !reason.empty()) GTEST_SKIP() << reason;
  const auto object = loaded("vm/maps/guarded.bpf");
  for (const ProgramSpec& program : spec.programs) {
    SCOPED_TRACE(program.name);
    EXPECT_EQ(to_hex(answers_here(program.name)), to_hex(kernels_answers(object.get(), program.name)));
  }
}

TEST_F(GuardedMaps, SameAnswersAsTheKernels) { compare("vm/maps/guarded.bpf"); }
TEST_F(GuardedMaps, ValuesThatTheKernelRefuses) { compare("vm/maps/guarded_badly.bpf"); }

TEST_F(GuardedMaps, AnswersToTheFlag) {
  Map& hash = make("hash");
  const auto value = guarded(1, 2, 3);
  EXPECT_EQ(sys(hash.host_update(u32(5), value, kLock | kExist)), -kENOENT);
  EXPECT_OK(hash.host_update(u32(5), value, kLock));
  EXPECT_OK(hash.host_update(u32(6), value, kLock | kNoExist));
  EXPECT_EQ(sys(hash.host_update(u32(6), value, kLock | kNoExist)), -kEEXIST);
  EXPECT_OK(hash.host_update(u32(6), guarded(4, 5, 6), kLock | kExist));
  EXPECT_EQ(*hash.host_lookup(u32(6), kLock), guarded(4, 0, 6));
  EXPECT_EQ(sys(hash.host_lookup(u32(7), kLock)), -kENOENT);
  EXPECT_EQ(sys(hash.host_lookup(u32(6), kExist)), -kEINVAL);

  EXPECT_EQ(hash.update(cpu0, u32(7), value, kLock | kExist), -kENOENT);
  EXPECT_EQ(hash.update(cpu0, u32(7), value, kLock), 0);
  EXPECT_EQ(hash.update(cpu0, u32(7), value, kLock | kNoExist), -kEEXIST);
  EXPECT_EQ(hash.update(cpu0, u32(7), value, kLock | 8), -kEINVAL);
  EXPECT_EQ(hash.update(cpu0, u32(8), value, kLock), 0);
  EXPECT_EQ(hash.update(cpu0, u32(9), value, kLock), -kE2BIG);

  Map& array = make("array");
  EXPECT_EQ(array.update(cpu0, u32(0), value, kLock), 0);
  EXPECT_EQ(array.update(cpu0, u32(0), value, kLock | kNoExist), -kEEXIST);
  EXPECT_EQ(array.update(cpu0, u32(4), value, kLock), -kE2BIG);
  EXPECT_EQ(sys(array.host_update(u32(4), value, kLock)), -kE2BIG);
  EXPECT_EQ(sys(array.host_update(u32(0), value, kLock | kNoExist)), -kEEXIST);
  EXPECT_OK(array.host_lookup(u32(0), kLock));

  for (const auto* name : {"lru", "percpu_array", "percpu_hash", "read_only", "no_key_type", "timed_hash"}) {
    Map& other = make(name);
    const Data zeros(other.host_value_size());
    EXPECT_EQ(sys(other.host_update(u32(0), zeros, kLock)), -kEINVAL) << name;
    EXPECT_EQ(sys(other.host_lookup(u32(0), kLock)), -kEINVAL) << name;
  }
}

// The word of a lock is not a part of what updates write.
TEST_F(GuardedMaps, TheLockStaysInItsPlace) {
  for (const auto* name : {"array", "hash"}) {
    Map& map = make(name);
    ASSERT_OK(map.host_update(u32(1), guarded(1, 0xffff, 2), 0));
    const GuestAddress value = map.lookup(cpu0, u32(1));
    EXPECT_EQ(read<std::uint32_t>(value + 4), 0u);
    const std::uint32_t taken = 0x77;
    ASSERT_TRUE(machine->memory().copy_out(value + 4, &taken, 4));
    EXPECT_EQ(map.update(cpu0, u32(1), guarded(3, 9, 4), 0), 0);
    EXPECT_EQ(read<std::uint32_t>(value), 3u);
    EXPECT_EQ(read<std::uint32_t>(value + 4), 0x77u);
    EXPECT_EQ(read<std::uint64_t>(value + 8), 4u);
    EXPECT_EQ(*map.host_lookup(u32(1)), guarded(3, 0, 4));
  }
  // A new element's is zero, also where another had been.
  Map& hash = *machine->map("hash");
  const GuestAddress before = hash.lookup(cpu0, u32(1));
  ASSERT_OK(hash.host_erase(u32(1)));
  ASSERT_OK(hash.host_update(u32(2), guarded(5, 6, 7), 0));
  EXPECT_EQ(hash.lookup(cpu0, u32(2)), before);
  EXPECT_EQ(read<std::uint32_t>(before + 4), 0u);
}

TEST_F(GuardedMaps, UpdatesWaitForTheLock) {
  for (const auto* name : {"array", "hash"}) {
    Map& map = make(name);
    ASSERT_OK(map.host_update(u32(1), guarded(1, 0, 1), 0));
    const GuestAddress lock = map.lookup(cpu0, u32(1)) + 4;
    ASSERT_TRUE(machine->locks().try_take(lock));
    EXPECT_OK(map.host_update(u32(1), guarded(2, 0, 2), 0));  // asks for no lock
    EXPECT_OK(map.host_update(u32(2), guarded(2, 0, 2), kLock));  // another value's
    std::atomic<int> done = 0;
    std::thread writes([&] {
      EXPECT_OK(map.host_update(u32(1), guarded(3, 0, 3), kLock));
      ++done;
    });
    std::thread reads([&] {
      EXPECT_OK(map.host_lookup(u32(1), kLock));
      ++done;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(done, 0);
    EXPECT_EQ(*map.host_lookup(u32(1)), guarded(2, 0, 2));
    machine->locks().release(lock);
    writes.join();
    reads.join();
    EXPECT_EQ(*map.host_lookup(u32(1)), guarded(3, 0, 3));
    EXPECT_TRUE(machine->locks().try_take(lock));
  }
}

// A program that waits burns fuel; one that holds a lock can take no other, and none outlives its run.
TEST_F(GuardedMaps, ProgramsWaitForTheLock) {
  Map& map = make("hash");
  ASSERT_OK(map.host_update(u32(0), guarded(1, 0, 1), 0));
  const GuestAddress value = map.lookup(cpu0, u32(0));
  const auto run = [&](bool lock_first, std::uint64_t fuel) {
    const auto lock = fmt::format("r1 = {:#x} ll\ncall 93\n", value + 4);
    const auto update = fmt::format("*(u32 *)(r10 - 4) = 0\nr1 = {:#x} ll\nr2 = r10\nr2 += -4\nr3 = {:#x} ll\nr4 = 4\n"
                                    "call 2\nexit\n", map.handle(), value);
    auto loaded = machine->load(test::assembled((lock_first ? lock : "") + update));
    EXPECT_OK(loaded);
    auto executable = (*loaded)->executable(test::engine());
    EXPECT_OK(executable);
    return (*executable)->run(cpu0, nullptr, 0, 0, fuel);
  };
  EXPECT_EQ(run(false, 1000).r0, 0u);
  const auto nested = run(true, 1000);
  ASSERT_TRUE(nested.fault);
  EXPECT_EQ(nested.fault->detail,
            fmt::format("bpf_map_update_elem: another lock is held, so none can be taken at {:#x}", value + 4));
  EXPECT_OK(map.host_update(u32(0), guarded(2, 0, 2), kLock));  // the run gave its lock back
  ASSERT_TRUE(machine->locks().try_take(value + 4));
  const auto starved = run(false, 1000);
  ASSERT_TRUE(starved.fault);
  EXPECT_EQ(starved.fault->kind, FaultKind::out_of_fuel);
  EXPECT_EQ(starved.fault->detail, "bpf_map_update_elem: out of fuel while another CPU held the lock");
  machine->locks().release(value + 4);
}

// Locked writers never leave a value that is half one's and half the other's.
TEST_F(GuardedMaps, LockedValuesAreWhole) {
  Map& map = make("array");
  const auto write = [&](std::uint32_t from) {
    for (std::uint32_t i = from; i < 20'000; i += 2) ASSERT_OK(map.host_update(u32(0), guarded(i, 0, i), kLock));
  };
  std::thread even(write, 0), odd(write, 1);
  for (int i = 0; i < 20'000; ++i) {
    const auto value = map.host_lookup(u32(0), kLock);
    ASSERT_OK(value);
    ASSERT_EQ(load<std::uint32_t>(value->data()), load<std::uint64_t>(value->data() + 8));
  }
  even.join();
  odd.join();
}

// Structures that hold each other twice, 31 levels deep: not 2^31 steps.
TEST_F(GuardedMaps, ValuesThatTakeLongToWalk) {
  test::BtfBuilder types;
  const auto integer = types.integer("int", 4);
  auto inner = integer;
  for (int level = 0; level < 31; ++level)
    inner = types.structure(fmt::format("s{}", level), 4, {{"a", inner, 0}, {"b", inner, 0}});
  const auto btf = btf::Btf::parse(types.build());
  ASSERT_OK(btf);
  auto declared = map_spec(MapType::array, 4, 4, 1);
  declared.key_type = integer;
  declared.value_type = inner;
  EXPECT_OK(machine->create_map(declared, *btf));
}

}  // namespace
}  // namespace skep::vm
