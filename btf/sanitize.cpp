#include "skep/btf/sanitize.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <string>

#include "skep/btf/build.hpp"
#include "skep/btf/storage.hpp"

namespace skep::btf {
namespace {

struct Row {
  unsigned major, minor;
  std::string_view text;
};
constexpr std::array kRows = {
#define SKEP_BTF_FEATURE(name, major, minor, text) Row{major, minor, text},
#include "skep/btf/features.inc"
#undef SKEP_BTF_FEATURE
};

bool is_identifier(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Rewrites the types of one BTF in a Builder that holds all of them.
class Sanitizer {
 public:
  Sanitizer(const Btf& btf, Builder& builder, const Features& known) : btf_(btf), builder_(builder), known_(known) {}

  // What stands in for a type, which is used up before the next one is asked for. Void for one that stays as it is.
  Result<Type> replacement(const Type& type) {
    texts_.clear();
    return std::visit(*this, type);
  }
  Result<Type> operator()(const Func& type) {
    if (!known_.has(Feature::func))
      return Modifier{.kind = Kind::Typedef, .name = type.name, .type = type.proto};
    if (known_.has(Feature::func_linkage)) return Void{};
    return Func{.name = type.name, .proto = type.proto, .linkage = Linkage::static_};
  }
  Result<Type> operator()(const FuncProto& type);
  Result<Type> operator()(const Var& type) {
    if (known_.has(Feature::datasec)) return Void{};
    return byte(type.name);
  }
  Result<Type> operator()(const Datasec& type);
  Result<Type> operator()(const Float& type) {
    if (known_.has(Feature::float_)) return Void{};
    return Composite{.name = {}, .is_union = false, .size = type.size, .members = {}};
  }
  Result<Type> operator()(const DeclTag& type) {
    if (known_.has(type.is_attribute ? Feature::tag_attribute : Feature::decl_tag)) return Void{};
    // Its text may be anything, a name may not.
    return byte(keep(identifier(type.value)));
  }
  Result<Type> operator()(const Modifier& type) {
    if (type.kind != Kind::TypeTag || known_.has(type.is_attribute ? Feature::tag_attribute : Feature::type_tag))
      return Void{};
    return Modifier{.kind = Kind::Const, .name = {}, .type = type.type};
  }
  Result<Type> operator()(const Enum& type);
  template <class T>
  Result<Type> operator()(const T&) {
    return Void{};
  }

 private:
  static Int byte(std::string_view name) { return {.name = name, .size = 1, .bits = 8}; }
  static std::string identifier(std::string_view text);
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  const Btf& btf_;
  Builder& builder_;
  Features known_;
  TypeId byte_{};  // what the members of former enumerations are
  std::deque<std::string> texts_;  // names that were made up for the type in hand
};

std::string Sanitizer::identifier(std::string_view text) {
  std::string name(text);
  for (auto& c : name)
    if (!is_identifier(c)) c = '_';
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name.insert(0, 1, '_');
  return name;
}

Result<Type> Sanitizer::operator()(const FuncProto& type) {
  if (known_.has(Feature::func)) return Void{};
  Enum parameters{.name = {}, .size = 4, .values = {}};
  for (std::size_t i = 0; i < type.params.size(); ++i) {
    const auto& param = type.params[i];
    parameters.values.push_back({.name = param.name.empty() ? keep(fmt::format("_{}", i)) : param.name,
                                 .value = number(param.type)});
  }
  return parameters;
}

Result<Type> Sanitizer::operator()(const Datasec& type) {
  if (known_.has(Feature::datasec)) {
    if (known_.has(Feature::datasec_qmark) || !type.name.starts_with('?')) return Void{};
    auto renamed = type;
    renamed.name = keep("_" + std::string(type.name.substr(1)));
    return renamed;
  }
  Composite section{.name = keep(identifier(type.name)), .is_union = false, .size = type.size, .members = {}};
  for (const auto& var : type.vars) {
    if (var.offset > UINT32_MAX / 8)
      return fail(Errc::invalid, "variable at byte {}: too far for a member of a structure", var.offset);
    section.size = std::max(section.size, var.offset + 1);  // a byte each
    section.members.push_back({.name = btf_.name(var.var), .type = var.var, .bit_offset = var.offset * 8});
  }
  return section;
}

Result<Type> Sanitizer::operator()(const Enum& type) {
  if (type.size == 0) return Enum{.name = type.name, .size = 4, .values = {}};
  if (known_.has(Feature::enum64)) return Void{};
  if (!type.is_64) {
    if (!type.is_signed) return Void{};
    auto plain = type;
    plain.is_signed = false;
    for (auto& each : plain.values) each.value = static_cast<std::uint32_t>(each.value);
    return plain;
  }
  if (byte_ == TypeId::none) byte_ = SKEP_TRY(builder_.add(byte("enum64_placeholder")));
  Composite values{.name = type.name, .is_union = true, .size = type.size, .members = {}};
  for (const auto& each : type.values) values.members.push_back({.name = each.name, .type = byte_});
  return values;
}

bool has_enum_without_size(const Btf& btf) {
  for (auto id = btf.first_id(); id < btf.type_count(); ++id) {
    const auto kind = btf.kind(TypeId{id});
    if ((kind == Kind::Enum || kind == Kind::Enum64) && !btf.size_of(TypeId{id})) return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(Feature feature) { return kRows[static_cast<std::size_t>(feature)].text; }

Features Features::of_kernel(unsigned major, unsigned minor) {
  Features known;
  for (std::size_t i = 0; i < kRows.size(); ++i)
    known.bits_[i] = std::pair(major, minor) >= std::pair(kRows[i].major, kRows[i].minor);
  return known;
}

Result<Btf> sanitize(const Btf& btf, const Features& known) {
  if (known == Features::all() && !has_enum_without_size(btf)) return btf;
  const auto base = detail::Access::base(btf);
  Builder builder = base ? Builder(*base) : Builder(btf.byte_order());
  SKEP_TRY(builder.append(btf));
  Sanitizer sanitizer(btf, builder, known);
  bool is_changed = false;
  for (auto id = btf.first_id(); id < btf.type_count(); ++id) {
    const auto type = SKEP_TRY(btf.type(TypeId{id}));
    const auto other = SKEP_TRY_CTX(sanitizer.replacement(type), "{}", btf.describe(TypeId{id}));
    if (std::holds_alternative<Void>(other)) continue;
    SKEP_TRY_CTX(builder.replace(TypeId{id}, other), "{}", btf.describe(TypeId{id}));
    is_changed = true;
  }
  return is_changed ? builder.build() : btf;
}

}  // namespace skep::btf
