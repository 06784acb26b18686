#include "skep/btf/links.hpp"

#include "skep/btf/storage.hpp"

namespace skep::btf::detail {

std::size_t size_of_record(const std::uint32_t* header) {
  const ConstWords words(header, kRecordWords);
  switch (kind_of(words)) {
#define SKEP_BTF_KIND(name, number, text, fixed_size, each_size, since) \
  case Kind::name: return kRecordWords + (fixed_size) / 4 + std::size_t{vlen_of(words)} * ((each_size) / 4);
#include "skep/btf/kinds.inc"
#undef SKEP_BTF_KIND
  }
  return kRecordWords;
}

void read_words(const Storage& storage, std::uint32_t id, std::vector<std::uint32_t>& words) {
  if (id == 0) {
    words.insert(words.end(), kRecordWords, 0);
    return;
  }
  const auto& owner = storage.owner(id);
  const auto record = owner.record(id);
  const auto start = words.size();
  for (const auto value : {record.name, info_of(record.kind, record.vlen, record.kind_flag), record.size_or_type})
    words.push_back(value);
  const auto tail = size_of_record(words.data() + start) - kRecordWords;
  for (std::size_t i = 0; i < tail; ++i) words.push_back(owner.u32(record.tail + i * 4));
}

bool is_known(Kind kind) {
  switch (kind) {
#define SKEP_BTF_KIND(name, ...) \
  case Kind::name: return Kind::name != Kind::Void;
#include "skep/btf/kinds.inc"
#undef SKEP_BTF_KIND
  }
  return false;
}

}  // namespace skep::btf::detail
