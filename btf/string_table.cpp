#include "skep/btf/string_table.hpp"

#include <bit>

namespace skep::btf::detail {
namespace {

// The kernel refuses string offsets beyond (BTF_MAX_NAME_OFFSET in include/uapi/linux/btf.h).
constexpr std::uint64_t kMaxOffset = 0xffffff;
constexpr std::size_t kFirstSlots = 64;

}  // namespace

StringTable::StringTable() : own_(1, '\0'), slots_(kFirstSlots, 0) {}

StringTable::StringTable(const Btf& base)
    : base_(base), first_(static_cast<std::uint32_t>(base.string_end())), slots_(kFirstSlots, 0) {
  if (first_ == 0) own_.assign(1, '\0');
  for (std::uint32_t offset = 1; offset < first_;) {
    const auto text = base.string(offset);
    if (!text.empty()) insert(text, offset);
    offset += static_cast<std::uint32_t>(text.size()) + 1;
  }
}

std::string_view StringTable::at(std::uint32_t offset) const {
  if (offset < first_) return base_.string(offset);
  if (offset - first_ >= own_.size()) return {};
  return own_.data() + (offset - first_);
}

std::size_t StringTable::slot_of(std::string_view text) const {
  const auto mask = slots_.size() - 1;
  auto slot = std::hash<std::string_view>{}(text) & mask;
  while (slots_[slot] != 0 && at(slots_[slot]) != text) slot = (slot + 1) & mask;
  return slot;
}

void StringTable::insert(std::string_view text, std::uint32_t offset) {
  if ((used_ + 1) * 2 > slots_.size()) grow();
  auto& slot = slots_[slot_of(text)];
  if (slot != 0) return;
  slot = offset;
  ++used_;
}

void StringTable::grow() {
  auto old = std::move(slots_);
  slots_.assign(old.size() * 2, 0);
  for (const auto offset : old)
    if (offset != 0) slots_[slot_of(at(offset))] = offset;
}

Result<std::uint32_t> StringTable::add(std::string_view text) {
  if (text.empty()) return 0;
  if (text.find('\0') != std::string_view::npos)
    return fail(Errc::invalid, "string of {} bytes with a NUL", text.size());
  if (const auto found = slots_[slot_of(text)]; found != 0) return found;
  if (end() + text.size() > kMaxOffset)
    return fail(Errc::invalid, "strings exceed {} bytes, the most that BTF can have", kMaxOffset);
  const auto offset = static_cast<std::uint32_t>(end());
  own_.append(text).push_back('\0');
  insert(text, offset);
  return offset;
}

}  // namespace skep::btf::detail
