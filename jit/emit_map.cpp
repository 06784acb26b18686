// Lookups in maps that are known when code is made, where the key is known to lie in the frame: nothing can go wrong there,
// so the helper's answer is a few instructions.
#include <bit>

#include "skep/jit/compiler.hpp"
#include "skep/vm/machine.hpp"

namespace skep::jit {
namespace {

constexpr std::uint32_t kMapLookup = 1;  // bpf_map_lookup_elem

}  // namespace

bool Compiler::emit_inlined(const Instruction& insn) {
  auto& machine = program_.machine();
  static const auto standard = vm::HelperTable::standard();
  // Somebody else's helper of that number is called.
  if (insn.imm != kMapLookup || machine.helpers().find(kMapLookup) != standard.find(kMapLookup)) return false;
  const auto handle = known_.number_in(Reg::r1);
  const auto key = known_.frame_offset_in(Reg::r2);
  const vm::Map* const map = handle ? machine.map_at(*handle) : nullptr;
  if (map == nullptr || !key || map->type() != MapType::array || map->values() == 0) return false;
  if (!in_frame(Reg::r10, *key, map->key_size())) return false;
  emit_array_lookup(*map, *key);
  return true;
}

// values + index * stride, or 0.
void Compiler::emit_array_lookup(const vm::Map& map, std::int32_t key) {
  const auto stride = (map.value_size() + 7) / 8 * 8;
  const auto outside = a_.newLabel(), end = a_.newLabel();
  a_.mov(x86::eax, x86::dword_ptr(x86::rbp, key));
  a_.cmp(x86::eax, map.spec().max_entries);
  a_.jae(outside);
  if (std::has_single_bit(stride)) a_.shl(x86::eax, std::countr_zero(stride));
  else a_.imul(x86::eax, x86::eax, stride);
  a_.add(x86::eax, map.values());
  a_.jmp(end);
  a_.bind(outside);
  a_.xor_(x86::eax, x86::eax);
  a_.bind(end);
}

}  // namespace skep::jit
