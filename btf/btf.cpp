// Opening a .BTF section, and looks at records that need no decoding. Records have no table of contents:
// the way to the n-th leads over all before it, once. What that walk establishes (every record lies inside
// of the type section) is trusted afterwards; what a record refers to is checked when it is decoded.
#include "skep/btf/btf.hpp"

#include <algorithm>

#include "skep/btf/storage.hpp"

namespace skep::btf {
namespace detail {
namespace {

constexpr std::uint32_t kRecordHeader = 12;
// As in libbpf; leaves room to add ids of one to counts of another without a thought.
constexpr std::uint32_t kMaxTypes = 0x7fffffff;

constexpr std::uint32_t vlen_of(std::uint32_t info) { return info & 0xffffff; }
constexpr std::uint32_t kind_of(std::uint32_t info) { return info >> 24 & 0x7f; }

}  // namespace

Result<> Storage::open() {
  header = SKEP_TRY(read_header(raw, base != nullptr));
  if (base) {
    if (base->type_count() > 1 && base->header.order != header.order)
      return fail(Errc::malformed, "{}-endian BTF on a {}-endian base", to_string(header.order),
                  to_string(base->header.order));
    const auto string_start = base->string_end();
    if (string_start + header.strings.size() > UINT32_MAX)
      return fail(Errc::malformed, "strings of the BTF and its base exceed 4 GiB");
    first_id = base->type_count();
    first_string = static_cast<std::uint32_t>(string_start);
  }
  shapes = SKEP_TRY(read_shapes(header.layout, header.order));
  return index();
}

Result<> Storage::index() {
  const auto types = header.types;
  const auto place = static_cast<std::size_t>(types.data() - raw.data());
  offsets.reserve(types.size() / 24);  // about the number of types, as C programs go
  std::size_t at = 0;
  while (at < types.size()) {
    const auto id = type_count();
    const auto left = types.size() - at;
    if (left < kRecordHeader)
      return fail(Errc::malformed, "type {} at offset {}: {} bytes left, {} wanted", id, place + at, left,
                  kRecordHeader);
    if (id == kMaxTypes) return fail(Errc::malformed, "more than {} types", kMaxTypes);
    const auto info = u32(types.data() + at + 4);
    const auto kind = kind_of(info);
    const auto& shape = shapes[kind];
    if (!shape.is_known)
      return fail(Errc::malformed, "type {} at offset {}: unknown kind {}, and no layout that tells its size", id,
                  place + at, kind);
    const auto size = kRecordHeader + shape.fixed + std::uint64_t{vlen_of(info)} * shape.each;
    if (size > left)
      return fail(Errc::malformed, "type {} at offset {}: {} record of {} bytes, {} left", id, place + at,
                  to_string(static_cast<Kind>(kind)), size, left);
    offsets.push_back(static_cast<std::uint32_t>(at));
    at += size;
  }
  if (offsets.capacity() > offsets.size() / 4 * 5) offsets.shrink_to_fit();
  return {};
}

const Storage& Storage::owner(std::uint32_t id) const {
  const auto* storage = this;
  while (id < storage->first_id) storage = storage->base.get();
  return *storage;
}

Record Storage::record(std::uint32_t id) const {
  const auto* at = header.types.data() + offsets[id - first_id];
  const auto info = u32(at + 4);
  return {.tail = at + kRecordHeader,
          .name = u32(at),
          .vlen = vlen_of(info),
          .size_or_type = u32(at + 8),
          .kind = static_cast<Kind>(kind_of(info)),
          .kind_flag = info >> 31 != 0};
}

const char* Storage::text(std::uint32_t offset) const {
  const auto* storage = this;
  while (offset < storage->first_string) storage = storage->base.get();
  if (offset >= storage->string_end()) return "";
  // read_header() saw to the NUL at the end.
  return storage->header.strings.data() + (offset - storage->first_string);
}

}  // namespace detail

Btf::Btf() : storage_(std::make_shared<const detail::Storage>()) {}

Result<Btf> Btf::parse(std::vector<std::byte> raw) {
  auto storage = std::make_shared<detail::Storage>();
  storage->owned = std::move(raw);
  storage->raw = storage->owned;
  SKEP_TRY(storage->open());
  return Btf(std::move(storage));
}

Result<Btf> Btf::parse(std::vector<std::byte> raw, const Btf& base) {
  auto storage = std::make_shared<detail::Storage>();
  storage->owned = std::move(raw);
  storage->raw = storage->owned;
  storage->base = base.storage_;
  SKEP_TRY(storage->open());
  return Btf(std::move(storage));
}

ByteOrder Btf::byte_order() const { return storage_->header.order; }
Bytes Btf::raw() const { return storage_->raw; }
std::uint32_t Btf::type_count() const { return storage_->type_count(); }
std::uint32_t Btf::first_id() const { return storage_->first_id; }
std::string_view Btf::string(std::uint32_t offset) const { return storage_->string(offset); }
std::uint64_t Btf::string_end() const { return storage_->string_end(); }

Kind Btf::kind(TypeId id) const {
  if (id == TypeId::none || number(id) >= type_count()) return Kind::Void;
  return storage_->owner(number(id)).record(number(id)).kind;
}

std::string_view Btf::name(TypeId id) const {
  if (id == TypeId::none || number(id) >= type_count()) return {};
  const auto& owner = storage_->owner(number(id));
  const auto record = owner.record(number(id));
  const bool is_tag = record.kind == Kind::DeclTag || record.kind == Kind::TypeTag;
  return is_tag ? owner.string(record.name) : owner.name(record.name);
}

std::string Btf::describe(TypeId id) const {
  if (id == TypeId::none) return "void";
  const auto called = name(id);
  return fmt::format("type {} {}{}", number(id), to_string(kind(id)),
                     called.empty() ? std::string() : fmt::format(" \"{}\"", called.substr(0, kShownName)));
}

Result<Type> Btf::type(TypeId id) const {
  if (id == TypeId::none) return Void{};
  if (number(id) >= type_count())
    return fail(Errc::not_found, "type {} of a BTF of {} types", number(id), type_count());
  auto decoded = detail::decode(storage_->owner(number(id)), number(id));
  if (!decoded) return std::unexpected(decoded.error().context("type {} {}", number(id), to_string(kind(id))));
  return decoded;
}

bool operator==(const Btf& a, const Btf& b) {
  const auto* x = a.storage_.get();
  const auto* y = b.storage_.get();
  for (; x != y; x = x->base.get(), y = y->base.get())
    if (!x || !y || as_text(x->raw) != as_text(y->raw)) return false;
  return true;
}

}  // namespace skep::btf
