// The numbers that relocations ask for, of a path or type in one BTF: asked once of the local types (what the
// compiler has put into the instruction) and once of the target's. Source: bpf_core_calc_field_relo() and
// bpf_core_calc_type_relo() in libbpf's relo_core.c.
//
// A bitfield is read by loading the smallest aligned integer that holds it (1 to 8 bytes) into 64 bits, and
// shifting left, then right. How the compiler has chosen that integer need not be how it is done here, so these values
// are not compared with what the instruction holds.
#include "skep/btf/core_detail.hpp"

namespace skep::btf::detail {
namespace {

// An integer in memory that holds a field.
struct Unit {
  std::uint64_t byte_offset = 0, byte_size = 0;
};

Result<Unit> bitfield_unit(TypeTable& table, const TypeTable::Entry* type, std::uint64_t bit_offset,
                           std::uint32_t bits) {
  std::uint64_t size = SKEP_TRY(table.size_of(type->id));
  if (size == 0 || (size & (size - 1)) != 0)
    return fail(Errc::malformed, "a bitfield of type {}, of {} bytes", table.btf().describe(type->id), size);
  for (; size <= 8; size *= 2) {
    const auto offset = bit_offset / 8 / size * size;
    if (bit_offset + bits <= (offset + size) * 8) return Unit{offset, size};
  }
  return fail(Errc::not_supported, "no aligned integer of 8 bytes holds the bitfield of {} bits at bit {}", bits,
              bit_offset);
}

// The size of what one load reads: of an array, that of an element.
Result<std::uint32_t> element_size(TypeTable& table, const TypeTable::Entry* type) {
  for (int depth = 0; depth <= kMaxDepth; ++depth) {
    const auto* array = type->as<Array>();
    if (!array) return table.size_of(type->id);
    type = SKEP_TRY(table.strip(array->element));
  }
  return fail(Errc::malformed, "arrays nest more than {} levels deep", kMaxDepth);
}

bool is_signed(const TypeTable::Entry* type) {
  if (const auto* integer = type->as<Int>()) return integer->is_signed;
  const auto* enumeration = type->as<Enum>();
  return enumeration && enumeration->is_signed;
}

Result<CoreValue> element_value(CoreKind kind, TypeTable& table, const CorePath& path) {
  const auto* type = path.steps.back().type;
  if (kind == CoreKind::field_byte_offset)
    return CoreValue{.value = path.bit_offset / 8, .size = SKEP_TRY(element_size(table, type)), .sized = type};
  if (kind == CoreKind::field_byte_size) return CoreValue{.value = SKEP_TRY(table.size_of(type->id))};
  return fail(Errc::malformed, "{} of an array element", to_string(kind));
}

Result<CoreValue> bitfield_value(CoreKind kind, TypeTable& table, const CorePath& path, const TypeTable::Entry* type,
                                 ByteOrder order) {
  const std::uint32_t bits = path.steps.back().member()->bitfield_size;
  const auto unit = SKEP_TRY(bitfield_unit(table, type, path.bit_offset, bits));
  const auto bits_before = path.bit_offset - unit.byte_offset * 8;
  switch (kind) {
    case CoreKind::field_byte_offset: return CoreValue{.value = unit.byte_offset, .exact = false};
    case CoreKind::field_byte_size: return CoreValue{.value = unit.byte_size, .exact = false};
    case CoreKind::field_lshift_u64:
      return CoreValue{
          .value = order == ByteOrder::little ? 64 - (bits_before + bits) : 64 - unit.byte_size * 8 + bits_before,
          .exact = false};
    case CoreKind::field_rshift_u64: return CoreValue{.value = std::uint64_t{64} - bits};
    default: return CoreValue{.value = is_signed(type)};
  }
}

}  // namespace

Result<CoreValue> field_value(CoreKind kind, TypeTable& table, const CorePath& path, ByteOrder order) {
  if (kind == CoreKind::field_exists) return CoreValue{.value = 1};
  const auto& last = path.steps.back();
  if (last.name.empty()) return element_value(kind, table, path);
  const auto* type = SKEP_TRY(table.strip(last.member()->type));
  if (last.member()->bitfield_size != 0) return bitfield_value(kind, table, path, type, order);

  const std::uint64_t size = SKEP_TRY(table.size_of(type->id));
  switch (kind) {
    case CoreKind::field_byte_offset:
      return CoreValue{.value = path.bit_offset / 8, .size = SKEP_TRY(element_size(table, type)), .sized = type};
    case CoreKind::field_byte_size: return CoreValue{.value = size};
    case CoreKind::field_lshift_u64:
      // Whole bytes: as if loaded into the end of a register that fits, in either byte order. More than 8 of
      // them cannot be, and then nobody has an instruction to put the number into.
      return CoreValue{.value = order == ByteOrder::little ? 64 - size * 8 - path.bit_offset % 8
                                                           : 64 - size * 8 + path.bit_offset % 8};
    case CoreKind::field_rshift_u64: return CoreValue{.value = 64 - size * 8};
    default: return CoreValue{.value = is_signed(type)};
  }
}

Result<CoreValue> type_value(CoreKind kind, TypeTable& table, TypeId type) {
  switch (kind) {
    // Linking may have moved ids after they were written into instructions.
    case CoreKind::type_id_local:
    case CoreKind::type_id_target: return CoreValue{.value = number(type), .exact = false};
    case CoreKind::type_size: return CoreValue{.value = SKEP_TRY(table.size_of(type))};
    default: return CoreValue{.value = 1};
  }
}

bool width_may_change(const CoreValue& local, const CoreValue& target) {
  if (local.size == target.size) return true;
  // A bitfield on one side only: the value takes shifts on one side only, too.
  if (!local.sized || !target.sized) return false;
  if (local.sized->kind == Kind::Ptr && target.sized->kind == Kind::Ptr) return true;
  const auto* ours = local.sized->as<Int>();
  const auto* theirs = target.sized->as<Int>();
  // A plain signed integer would need sign extension. One that is also a char or bool passes, as in libbpf.
  const auto is_plain_signed = [](const Int& type) { return type.is_signed && !type.is_char && !type.is_bool; };
  return ours && theirs && !is_plain_signed(*ours) && !is_plain_signed(*theirs);
}

}  // namespace skep::btf::detail
