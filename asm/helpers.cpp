#include "skep/asm/helpers.hpp"

#include <algorithm>

namespace skep {
namespace {

enum class License : std::uint8_t { free, gpl };

constexpr HelperInfo make(std::uint32_t id, std::string_view name, HelperReturn returns, License license,
                          std::uint64_t callers, std::array<HelperArgument, 5> arguments) {
  return {id, name, returns, license == License::gpl, callers, arguments};
}

// What the table's column says: bits of enum bpf_prog_type (spec/types.inc has all of them), and groups.
namespace callers {

constexpr std::uint64_t bit(unsigned type) { return std::uint64_t{1} << type; }
constexpr std::uint64_t socket_filter = bit(1), kprobe = bit(2), xdp = bit(6), perf_event = bit(7), cgroup_skb = bit(8),
                        cgroup_sock = bit(9), lwt_in = bit(10), lwt_xmit = bit(12), sock_ops = bit(13),
                        sk_skb = bit(14), cgroup_device = bit(15), sk_msg = bit(16), cgroup_sock_addr = bit(18),
                        lwt_seg6local = bit(19), lirc_mode2 = bit(20), sk_reuseport = bit(21),
                        flow_dissector = bit(22), cgroup_sysctl = bit(23), cgroup_sockopt = bit(25),
                        sk_lookup = bit(30), syscall = bit(31), netfilter = bit(32);
constexpr std::uint64_t nobody = 0, any = ~nobody;
constexpr std::uint64_t tc = bit(3) | bit(4);                               // sched_cls, sched_act
constexpr std::uint64_t lwt = lwt_in | bit(11) | lwt_xmit | lwt_seg6local;  // 11: lwt_out
// tracepoint, raw_tracepoint and raw_tracepoint_writable with them.
constexpr std::uint64_t tracepoints = kprobe | bit(5) | perf_event | bit(17) | bit(24);
// Types that see a packet or a socket and whose sockets' kinds the kernel can tell.
constexpr std::uint64_t socket_users = socket_filter | tc | xdp | cgroup_skb | lwt | sock_ops | sk_skb | sk_msg |
                                       cgroup_sock_addr | flow_dissector | sk_lookup | syscall;
// Their helpers depend on what they attach to: tracing, struct_ops, ext, lsm.
constexpr std::uint64_t kByTarget = bit(26) | bit(27) | bit(28) | bit(29);

}  // namespace callers

constexpr auto kHelpers = [] {
  using namespace callers;
  using enum HelperArgument;
  using Returns = HelperReturn;
  return std::to_array<HelperInfo>({
#define SKEP_HELPER(id, name, returns, license, callers, ...) \
  make(id, #name, Returns::returns, License::license, callers, {__VA_ARGS__}),
#include "skep/asm/helpers.inc"
#undef SKEP_HELPER
  });
}();

consteval bool numbered_from_one() {
  for (std::size_t i = 0; i < kHelpers.size(); ++i)
    if (kHelpers[i].id != i + 1) return false;
  return kHelpers.size() == kHelperCount;
}
static_assert(numbered_from_one());

constexpr auto kByName = [] {
  auto sorted = kHelpers;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return sorted;
}();

}  // namespace

unsigned HelperInfo::argument_count() const {
  return static_cast<unsigned>(std::find(arguments.begin(), arguments.end(), HelperArgument::none) - arguments.begin());
}

bool HelperInfo::allowed_for(std::uint32_t program_type) const {
  if (program_type == 0 || program_type >= 64) return true;
  return ((callers | callers::kByTarget) >> program_type & 1) != 0;
}

const HelperInfo* helper_info(std::int64_t id) {
  return id >= 1 && id <= std::int64_t{kHelperCount} ? &kHelpers[static_cast<std::size_t>(id - 1)] : nullptr;
}

std::string_view helper_name(std::int64_t id) {
  const auto* helper = helper_info(id);
  return helper ? helper->name : std::string_view();
}

std::optional<std::uint32_t> helper_id(std::string_view name) {
  if (name.starts_with("bpf_")) name.remove_prefix(4);
  const auto found =
      std::lower_bound(kByName.begin(), kByName.end(), name,
                       [](const HelperInfo& helper, std::string_view wanted) { return helper.name < wanted; });
  if (found == kByName.end() || found->name != name) return std::nullopt;
  return found->id;
}

}  // namespace skep
