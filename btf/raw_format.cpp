#include "skep/btf/raw_format.hpp"

#include <algorithm>
#include <iterator>

namespace skep::btf {
namespace {

template <class... Args>
void add(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

// A line is a record's or a member's: no name may begin another one.
std::string quoted(std::string_view name) {
  auto text = fmt::format("'{}'", name_text(name));
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

class RawWriter {
 public:
  RawWriter(const Btf& btf, std::string& out) : btf_(btf), out_(out) {}

  void operator()(const Void&) {}
  void operator()(const Int& t) {
    add(out_, " size={} bits_offset={} nr_bits={} encoding={}", t.size, t.bit_offset, t.bits, encoding_text(t));
  }
  void operator()(const Ptr& t) { type(t.type); }
  void operator()(const Modifier& t) { type(t.type); }
  void operator()(const Array& t) {
    type(t.element);
    add(out_, " index_type_id={} nr_elems={}", number(t.index), t.count);
  }
  void operator()(const Composite& t) {
    add(out_, " size={} vlen={}", t.size, t.members.size());
    for (const auto& each : t.members) {
      add(out_, "\n\t{} type_id={} bits_offset={}", quoted(each.name), number(each.type), each.bit_offset);
      if (each.bitfield_size != 0) add(out_, " bitfield_size={}", each.bitfield_size);
    }
  }
  void operator()(const Enum& t) {
    add(out_, " encoding={} size={} vlen={}", encoding_text(t), t.size, t.values.size());
    for (const auto& each : t.values) {
      add(out_, "\n\t{} val=", quoted(each.name));
      if (t.is_signed) add(out_, "{}{}", each.value, t.is_64 ? "LL" : "");
      else add(out_, "{}{}", static_cast<std::uint64_t>(each.value), t.is_64 ? "ULL" : "");
    }
  }
  void operator()(const Fwd& t) { add(out_, " fwd_kind={}", t.is_union ? "union" : "struct"); }
  void operator()(const Func& t) {
    type(t.proto);
    add(out_, " linkage={}", to_string(t.linkage));
  }
  void operator()(const FuncProto& t) {
    add(out_, " ret_type_id={} vlen={}", number(t.result), t.params.size());
    for (const auto& each : t.params) add(out_, "\n\t{} type_id={}", quoted(each.name), number(each.type));
  }
  void operator()(const Var& t) {
    type(t.type);
    add(out_, ", linkage={}", to_string(t.linkage));
  }
  void operator()(const Datasec& t) {
    add(out_, " size={} vlen={}", t.size, t.vars.size());
    for (const auto& each : t.vars)
      add(out_, "\n\ttype_id={} offset={} size={} ({} {})", number(each.var), each.offset, each.size,
          to_string(btf_.kind(each.var)), quoted(btf_.name(each.var)));
  }
  void operator()(const Float& t) { add(out_, " size={}", t.size); }
  void operator()(const DeclTag& t) {
    type(t.type);
    add(out_, " component_idx={}", t.component);
  }
  void operator()(const Opaque&) {}

 private:
  void type(TypeId id) { add(out_, " type_id={}", number(id)); }

  const Btf& btf_;
  std::string& out_;
};

}  // namespace

std::string_view encoding_text(const Int& type) {
  if (type.is_signed + type.is_char + type.is_bool > 1) return "UNKN";
  return type.is_signed ? "SIGNED" : type.is_char ? "CHAR" : type.is_bool ? "BOOL" : "(none)";
}

std::string_view encoding_text(const Enum& type) { return type.is_signed ? "SIGNED" : "UNSIGNED"; }

std::string_view to_string(Linkage linkage) {
  static constexpr std::string_view kTexts[] = {"static", "global", "extern"};
  return kTexts[static_cast<std::size_t>(linkage)];
}

std::string_view name_text(std::string_view name) { return name.empty() ? "(anon)" : name; }

Result<> append_raw(const Btf& btf, TypeId id, std::string& out) {
  const auto type = SKEP_TRY(btf.type(id));
  add(out, "[{}] {} {}", number(id), to_string(btf.kind(id)), quoted(btf.name(id)));
  std::visit(RawWriter(btf, out), type);
  out += '\n';
  return {};
}

}  // namespace skep::btf
