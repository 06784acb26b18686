// The text of types: number, kind, name, and what the record holds, references as numbers.
#include <fmt/format.h>

#include "skep/spec/print.hpp"
#include "skep/spec/quote.hpp"

namespace skep {
namespace {

using btf::number;

struct Printer {
  std::string& out;

  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
  }

  void operator()(const btf::Void&) {}
  void operator()(const btf::Int& t) {
    add(" size {} bits {} offset {} signed {} char {} bool {}", t.size, t.bits, t.bit_offset, t.is_signed, t.is_char,
        t.is_bool);
  }
  void operator()(const btf::Ptr& t) { add(" to {}", number(t.type)); }
  void operator()(const btf::Array& t) { add(" of {} count {} index {}", number(t.element), t.count, number(t.index)); }
  void operator()(const btf::Composite& t) {
    add(" size {}", t.size);
    for (const auto& m : t.members)
      add(", {} {} at {}:{}", quote(m.name), number(m.type), m.bit_offset, m.bitfield_size);
  }
  void operator()(const btf::Enum& t) {
    add(" size {} signed {}", t.size, t.is_signed);
    for (const auto& value : t.values) add(", {} {}", quote(value.name), value.value);
  }
  void operator()(const btf::Fwd& t) { add(" union {}", t.is_union); }
  void operator()(const btf::Modifier& t) { add(" of {}", number(t.type)); }
  void operator()(const btf::Func& t) { add(" proto {} linkage {}", number(t.proto), int(t.linkage)); }
  void operator()(const btf::FuncProto& t) {
    add(" returns {}", number(t.result));
    for (const auto& param : t.params) add(", {} {}", quote(param.name), number(param.type));
  }
  void operator()(const btf::Var& t) { add(" type {} linkage {}", number(t.type), int(t.linkage)); }
  void operator()(const btf::Datasec& t) {
    add(" size {}", t.size);
    for (const auto& var : t.vars) add(", {} at {} size {}", number(var.var), var.offset, var.size);
  }
  void operator()(const btf::Float& t) { add(" size {}", t.size); }
  void operator()(const btf::Opaque& t) {
    add(" kind {} value {} flag {} data {}", int(t.kind), t.size_or_type, t.kind_flag, to_hex(t.data));
  }
  void operator()(const btf::DeclTag& t) { add(" on {} component {}", number(t.type), t.component); }
};

}  // namespace

std::string print(const btf::Btf& types) {
  std::string out;
  Printer printer{out};
  for (auto id = types.first_id(); id < types.type_count(); ++id) {
    printer.add("type {} {} {}", id, to_string(types.kind(btf::TypeId{id})), quote(types.name(btf::TypeId{id})));
    if (const auto type = types.type(btf::TypeId{id}))
      std::visit(printer, *type);
    else
      printer.add(" broken: {}", type.error().what());
    out += '\n';
  }
  return out;
}

}  // namespace skep
