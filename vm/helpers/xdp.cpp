// The shape of an XDP buffer, and copies that mind its ends. Geometry is XdpContext's.
#include "skep/vm/context/xdp.hpp"

#include "skep/vm/helpers/support.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

template <int (XdpContext::*adjust)(std::int32_t)>
U adjusted(std::string_view name, U context, U offset, Cpu& cpu) {
  XdpContext* const xdp = helper::xdp(cpu, name, context);
  return xdp == nullptr ? 0 : answer((xdp->*adjust)(low_signed(offset)));
}

U adjust_head(U context, U offset, U, U, U, Cpu& cpu) {
  return adjusted<&XdpContext::adjust_head>("xdp_adjust_head", context, offset, cpu);
}
U adjust_meta(U context, U offset, U, U, U, Cpu& cpu) {
  return adjusted<&XdpContext::adjust_meta>("xdp_adjust_meta", context, offset, cpu);
}
U adjust_tail(U context, U offset, U, U, U, Cpu& cpu) {
  cpu.charge(low_signed(offset) > 0 ? std::min(low(offset), XdpContext::kMaxPacket) / 8 : 0);
  return adjusted<&XdpContext::adjust_tail>("xdp_adjust_tail", context, offset, cpu);
}

U length(U context, U, U, U, U, Cpu& cpu) {
  XdpContext* const xdp = helper::xdp(cpu, "xdp_get_buff_len", context);
  return xdp == nullptr ? 0 : xdp->length();
}

// 0, or what is wrong with a piece of the packet.
int check_piece(const XdpContext& xdp, std::uint32_t offset, std::uint32_t size) {
  if (offset > 0xffff || size > 0xffff) return -kEFAULT;
  return offset + size > xdp.length() ? -kEINVAL : 0;
}

U load_bytes(U context, U offset, U to, U size, U, Cpu& cpu) {
  XdpContext* const xdp = helper::xdp(cpu, "xdp_load_bytes", context);
  if (xdp == nullptr) return 0;
  if (const int wrong = check_piece(*xdp, low(offset), low(size)); wrong != 0) return answer(wrong);
  helper::write(cpu, "xdp_load_bytes", to, xdp->bytes().data() + low(offset), low(size));
  return 0;
}

U store_bytes(U context, U offset, U from, U size, U, Cpu& cpu) {
  XdpContext* const xdp = helper::xdp(cpu, "xdp_store_bytes", context);
  if (xdp == nullptr) return 0;
  if (const int wrong = check_piece(*xdp, low(offset), low(size)); wrong != 0) return answer(wrong);
  helper::read(cpu, "xdp_store_bytes", from, xdp->bytes().data() + low(offset), low(size));
  return 0;
}

}  // namespace

void register_xdp_helpers(HelperTable& table) {
  table.set(44, adjust_head);
  table.set(54, adjust_meta);
  table.set(65, adjust_tail);
  table.set(188, length);
  table.set(189, load_bytes);
  table.set(190, store_bytes);
}

}  // namespace skep::vm
