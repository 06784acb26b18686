// Maps that packets are sent through: which entries there can be, and who sees them how.
#include "skep/tests/vm/maps/support.hpp"
#include "skep/vm/maps/redirect_map.hpp"

namespace skep::vm {
namespace {

using enum MapType;

class Redirects : public MapTest {
 protected:
  Map& make(MapType type, std::uint32_t value_size, std::uint32_t entries) {
    auto spec = map_spec(type, 4, value_size, entries);
    spec.name = fmt::format("{}{}", to_string(type), machine->maps().size());
    return create(spec);
  }
};

TEST_F(Redirects, Devmap) {
  for (const std::uint32_t size : {4u, 8u}) {
    Map& map = make(devmap, size, 4);
    RedirectMap& targets = *RedirectMap::from(&map);
    const auto device = [&](std::uint32_t interface, std::int32_t program = 0) {
      Data value = u32(interface);
      if (size == 8) value.insert(value.end(), {std::byte(program), std::byte(program >> 8), std::byte(program >> 16), std::byte(program >> 24)});
      return value;
    };
    EXPECT_EQ(map.spec().flags, +kRdonlyProg);
    EXPECT_EQ(map.lookup(cpu0, u32(1)), 0u);
    EXPECT_OK(map.host_update(u32(1), device(7, -1), 0));
    EXPECT_EQ(targets.target(1), 7u);
    EXPECT_EQ(*map.host_lookup(u32(1)), device(7));
    // Programs read entries and cannot write them.
    const auto entry = map.lookup(cpu0, u32(1));
    EXPECT_EQ(read<std::uint32_t>(entry), 7u);
    EXPECT_FALSE(machine->memory().copy_out(entry, "x", 1));
    EXPECT_EQ(map.update(cpu0, u32(1), device(8), 0), -kEOPNOTSUPP);
    EXPECT_EQ(map.erase(cpu0, u32(1)), -kEOPNOTSUPP);

    EXPECT_EQ(sys(map.host_update(u32(0), device(1), kNoExist)), -kEEXIST);  // even of an empty slot
    EXPECT_EQ(sys(map.host_update(u32(4), device(1), 0)), -kE2BIG);
    EXPECT_EQ(sys(map.host_update(u32(0), device(UINT32_MAX), 0)), -kEINVAL);
    if (size == 8) {
      EXPECT_EQ(sys(map.host_update(u32(0), device(1, 5), 0)), -kEINVAL);
    }
    EXPECT_OK(map.host_update(u32(1), device(0), 0));  // empties
    EXPECT_EQ(targets.target(1), std::nullopt);
    EXPECT_EQ(sys(map.host_lookup(u32(1))), -kENOENT);
    EXPECT_OK(map.host_erase(u32(1)));
    EXPECT_EQ(sys(map.host_erase(u32(4))), -kEINVAL);
    EXPECT_EQ(targets.target(4), std::nullopt);
    EXPECT_EQ(targets.target(1ull << 32 | 1), std::nullopt);
    EXPECT_EQ(targets.redirect_flags(), 8u | 16u);
    EXPECT_EQ(keys_of(map).size(), 4u);
  }
}

TEST_F(Redirects, DevmapHash) {
  Map& map = make(devmap_hash, 4, 2);
  RedirectMap& targets = *RedirectMap::from(&map);
  EXPECT_EQ(sys(map.host_update(u32(1000), u32(0), 0)), -kEINVAL);
  EXPECT_OK(map.host_update(u32(1000), u32(7), kExist));
  EXPECT_EQ(sys(map.host_update(u32(1000), u32(8), kNoExist)), -kEEXIST);
  EXPECT_OK(map.host_update(u32(1), u32(9), 0));
  EXPECT_EQ(sys(map.host_update(u32(2), u32(9), 0)), -kE2BIG);
  EXPECT_EQ(targets.target(1000), 7u);
  EXPECT_EQ(targets.target(2), std::nullopt);
  EXPECT_EQ(read<std::uint32_t>(map.lookup(cpu0, u32(1))), 9u);
  EXPECT_EQ(keys_of(map), (std::vector<Data>{u32(1000), u32(1)}));
  EXPECT_OK(map.host_erase(u32(1000)));
  EXPECT_EQ(sys(map.host_erase(u32(1000))), -kENOENT);
}

TEST_F(Redirects, Cpumap) {
  Map& map = make(cpumap, 4, 128);
  RedirectMap& targets = *RedirectMap::from(&map);
  EXPECT_OK(map.host_update(u32(1), u32(192), 0));
  EXPECT_EQ(targets.target(1), 1u);
  EXPECT_EQ(targets.target(0), std::nullopt);
  EXPECT_EQ(*map.host_lookup(u32(1)), u32(192));
  EXPECT_EQ(sys(map.host_lookup(u32(0))), -kENOENT);
  EXPECT_EQ(sys(map.host_update(u32(2), u32(192), 0)), -kENODEV);  // two CPUs
  EXPECT_EQ(sys(map.host_update(u32(2), u32(16385), 0)), -kEOVERFLOW);
  EXPECT_EQ(sys(map.host_update(u32(128), u32(192), 0)), -kE2BIG);
  EXPECT_EQ(sys(map.host_update(u32(0), u32(192), kNoExist)), -kEEXIST);
  EXPECT_OK(map.host_update(u32(1), u32(0), 0));
  EXPECT_EQ(targets.target(1), std::nullopt);
  EXPECT_EQ(sys(map.host_erase(u32(128))), -kEINVAL);
  EXPECT_EQ(map.lookup(cpu0, u32(1)), 0u);
  EXPECT_EQ(targets.redirect_flags(), 0u);
}

TEST_F(Redirects, Xskmap) {
  Map& map = make(xskmap, 4, 4);
  RedirectMap& targets = *RedirectMap::from(&map);
  EXPECT_EQ(sys(map.host_update(u32(1), u32(0), kExist)), -kENOENT);
  EXPECT_OK(map.host_update(u32(1), u32(0), kNoExist));
  EXPECT_EQ(sys(map.host_update(u32(1), u32(0), kNoExist)), -kEEXIST);
  EXPECT_OK(map.host_update(u32(1), u32(3), kExist));
  EXPECT_EQ(targets.target(1), 3u);
  EXPECT_EQ(targets.target(2), std::nullopt);
  EXPECT_EQ(read<std::uint32_t>(map.lookup(cpu0, u32(1))), 3u);
  EXPECT_EQ(map.lookup(cpu0, u32(0)), 0u);
  EXPECT_EQ(sys(map.host_lookup(u32(1))), -kEOPNOTSUPP);
  EXPECT_EQ(sys(map.host_update(u32(4), u32(0), 0)), -kE2BIG);
  EXPECT_OK(map.host_erase(u32(1)));
  EXPECT_OK(map.host_erase(u32(1)));
  EXPECT_EQ(targets.target(1), std::nullopt);
  EXPECT_EQ(sys(map.host_erase(u32(4))), -kEINVAL);
}

TEST_F(Redirects, OthersAreNoTargets) {
  EXPECT_EQ(RedirectMap::from(&make(array, 4, 1)), nullptr);
  EXPECT_EQ(RedirectMap::from(nullptr), nullptr);
}

}  // namespace
}  // namespace skep::vm
