// Internet checksums (RFC 1071): differences of buffers, and updates inside of a packet.
//
// Arithmetic is one's complement as the kernel does it (lib/checksum.c, asm/checksum.h), down to which of the
// two zeroes comes out: a sum is 0 only if everything added was 0. bpf_csum_diff answers the sum folded
// to 16 bits and takes any size, as Linux 6.18 does (before 6.13: a 32-bit partial sum, sizes of 4 bytes).
#include "skep/vm/context/skb.hpp"
#include "skep/vm/helpers/support.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

// --- Sums of 32 bits that wrap around their carry, and of 16. ---

std::uint32_t add32(std::uint32_t a, std::uint32_t b) {
  const U sum = U{a} + b;
  return static_cast<std::uint32_t>(sum) + static_cast<std::uint32_t>(sum >> 32);
}
std::uint32_t subtract32(std::uint32_t a, std::uint32_t b) { return add32(a, ~b); }

std::uint16_t add16(std::uint16_t a, std::uint16_t b) {
  const std::uint32_t sum = std::uint32_t{a} + b;
  return static_cast<std::uint16_t>(sum + (sum >> 16));
}
std::uint16_t inverted(std::uint16_t a) { return static_cast<std::uint16_t>(~a); }

// 32 bits to 16, once around.
std::uint16_t folded(std::uint32_t sum) {
  return add16(static_cast<std::uint16_t>(sum), static_cast<std::uint16_t>(sum >> 16));
}

// Adds the bytes as little-endian words; the last one is filled up with zeroes.
class Sum {
 public:
  explicit Sum(std::uint32_t seed) : sum_(seed) {}
  // Pieces before the last have a multiple of 4 bytes.
  void add(Bytes bytes) {
    for (; bytes.size() >= 4; bytes = bytes.subspan(4)) sum_ = add32(sum_, load<std::uint32_t>(bytes.data()));
    std::byte rest[4]{};
    std::copy(bytes.begin(), bytes.end(), rest);
    sum_ = add32(sum_, load<std::uint32_t>(rest));
  }
  std::uint32_t value() const { return sum_; }

 private:
  std::uint32_t sum_;
};

// Nothing after a fault.
std::optional<std::uint32_t> sum_of(Cpu& cpu, U address, std::uint32_t size, std::uint32_t seed) {
  Sum sum(seed);
  cpu.charge(size / 8);
  const auto add = [&](Bytes piece) { sum.add(piece); };
  if (helper::for_each_piece(cpu.machine().memory(), address, size, add)) return sum.value();
  helper::bad_argument(cpu, "csum_diff", fmt::format("{} unreadable bytes", size), address);
  return std::nullopt;
}

U difference(U from, U from_size, U to, U to_size, U seed, Cpu& cpu) {
  const bool take = low(from_size) != 0, put = low(to_size) != 0;
  std::uint32_t result = low(seed);
  if (put) {
    const auto sum = sum_of(cpu, to, low(to_size), result);
    if (!sum) return 0;
    result = *sum;
  }
  if (take) {
    // With nothing put in, the kernel adds to the inverted seed and inverts: the other zero.
    const auto sum = sum_of(cpu, from, low(from_size), put ? 0 : ~result);
    if (!sum) return 0;
    result = put ? subtract32(result, *sum) : ~*sum;
  }
  return folded(result);
}

// --- Replacing, in a checksum field. ---

constexpr U kFieldSize = 0xf;  // BPF_F_HDR_FIELD_MASK
constexpr U kPseudoHeader = 0x10, kMarkMangled = 0x20, kMarkEnforce = 0x40, kIpv6 = 0x80;
constexpr std::uint16_t kMangledZero = 0xffff;

void replace_by_difference(std::uint16_t& field, std::uint32_t difference) {
  field = inverted(folded(add32(difference, ~std::uint32_t{field})));
}
void replace32(std::uint16_t& field, std::uint32_t from, std::uint32_t to) {
  field = inverted(folded(add32(subtract32(~std::uint32_t{field}, from), to)));
}
void replace16(std::uint16_t& field, std::uint16_t from, std::uint16_t to) {
  field = inverted(add16(add16(inverted(field), inverted(from)), to));
}

// The two bytes at an offset of the packet; null (-EFAULT) if they are not there or not aligned.
std::byte* field_at(SkbContext& skb, U offset) {
  const std::uint32_t at = low(offset);
  if (at > 0xffff || at % 2 != 0 || at + 2 > skb.length()) return nullptr;
  return skb.bytes().data() + at;
}

U replace_l3(U context, U offset, U from, U to, U flags, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "l3_csum_replace", context);
  if (skb == nullptr) return 0;
  if ((flags & ~kFieldSize) != 0) return answer(-kEINVAL);
  std::byte* const at = field_at(*skb, offset);
  if (at == nullptr) return answer(-kEFAULT);
  auto field = load<std::uint16_t>(at);
  switch (flags & kFieldSize) {
    case 0:
      if (from != 0) return answer(-kEINVAL);
      replace_by_difference(field, low(to));
      break;
    case 2: replace16(field, static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to)); break;
    case 4: replace32(field, low(from), low(to)); break;
    default: return answer(-kEINVAL);
  }
  store(at, field);
  return 0;
}

// BPF_F_PSEUDO_HDR and BPF_F_IPV6 say how the device's own sum is corrected; these packets have none.
U replace_l4(U context, U offset, U from, U to, U flags, Cpu& cpu) {
  SkbContext* const skb = helper::skb(cpu, "l4_csum_replace", context);
  if (skb == nullptr) return 0;
  if ((flags & ~(kFieldSize | kPseudoHeader | kMarkMangled | kMarkEnforce | kIpv6)) != 0) return answer(-kEINVAL);
  std::byte* const at = field_at(*skb, offset);
  if (at == nullptr) return answer(-kEFAULT);
  auto field = load<std::uint16_t>(at);
  const bool keep_zero = (flags & kMarkMangled) != 0;
  if (keep_zero && (flags & kMarkEnforce) == 0 && field == 0) return 0;
  switch (flags & kFieldSize) {
    case 0:
      if (from != 0) return answer(-kEINVAL);
      replace_by_difference(field, low(to));
      break;
    case 2: replace32(field, static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to)); break;
    case 4: replace32(field, low(from), low(to)); break;
    default: return answer(-kEINVAL);
  }
  if (keep_zero && field == 0) field = kMangledZero;
  store(at, field);
  return 0;
}

// --- What the device said of the checksum. Received packets are CHECKSUM_NONE. ---

U update(U context, U, U, U, U, Cpu& cpu) {
  if (helper::skb(cpu, "csum_update", context) == nullptr) return 0;
  return answer(-kENOTSUPP);  // there is no CHECKSUM_COMPLETE
}

U level(U context, U operation, U, U, U, Cpu& cpu) {
  constexpr std::uint32_t kMaxLevel = 3;
  SkbContext* const skb = helper::skb(cpu, "csum_level", context);
  if (skb == nullptr) return 0;
  auto& known = skb->checksum_level;
  switch (operation) {
    case 0: return known ? *known : answer(-kEACCES);
    case 1: known = known ? std::min(*known + 1, kMaxLevel) : 0; return 0;
    case 2:
      if (known) known = *known == 0 ? std::nullopt : std::optional(*known - 1);
      return 0;
    case 3: known.reset(); return 0;
    default: return answer(-kEINVAL);
  }
}

}  // namespace

void register_checksum_helpers(HelperTable& table) {
  table.set(10, replace_l3);
  table.set(11, replace_l4);
  table.set(28, difference);
  table.set(40, update);
  table.set(135, level);
}

}  // namespace skep::vm
