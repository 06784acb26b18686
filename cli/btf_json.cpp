#include "skep/cli/btf_json.hpp"

#include <nlohmann/json.hpp>

#include "skep/btf/raw_format.hpp"

namespace skep::cli {
namespace {

using harness::Json;

// Adds what a kind has to the keys that all have.
struct Adder {
  Json& out;

  void operator()(const btf::Void&) const {}
  void operator()(const btf::Int& t) const {
    out["size"] = t.size;
    out["bits_offset"] = t.bit_offset;
    out["nr_bits"] = t.bits;
    out["encoding"] = btf::encoding_text(t);
  }
  void operator()(const btf::Ptr& t) const { out["type_id"] = number(t.type); }
  void operator()(const btf::Modifier& t) const { out["type_id"] = number(t.type); }
  void operator()(const btf::Array& t) const {
    out["type_id"] = number(t.element);
    out["index_type_id"] = number(t.index);
    out["nr_elems"] = t.count;
  }
  void operator()(const btf::Composite& t) const {
    out["size"] = t.size;
    auto& members = list("members", t.members.size());
    for (const auto& each : t.members) {
      Json member = {{"name", btf::name_text(each.name)},
                     {"type_id", number(each.type)},
                     {"bits_offset", each.bit_offset}};
      if (each.bitfield_size != 0) member["bitfield_size"] = each.bitfield_size;
      members.push_back(std::move(member));
    }
  }
  void operator()(const btf::Enum& t) const {
    out["encoding"] = btf::encoding_text(t);
    out["size"] = t.size;
    auto& values = list("values", t.values.size());
    for (const auto& each : t.values)
      values.push_back({{"name", btf::name_text(each.name)},
                        {"val", t.is_signed ? harness::json_integer(each.value)
                                            : harness::json_integer(static_cast<std::uint64_t>(each.value))}});
  }
  void operator()(const btf::Fwd& t) const { out["fwd_kind"] = t.is_union ? "union" : "struct"; }
  void operator()(const btf::Func& t) const {
    out["type_id"] = number(t.proto);
    out["linkage"] = to_string(t.linkage);
  }
  void operator()(const btf::FuncProto& t) const {
    out["ret_type_id"] = number(t.result);
    auto& params = list("params", t.params.size());
    for (const auto& each : t.params)
      params.push_back({{"name", btf::name_text(each.name)}, {"type_id", number(each.type)}});
  }
  void operator()(const btf::Var& t) const {
    out["type_id"] = number(t.type);
    out["linkage"] = to_string(t.linkage);
  }
  void operator()(const btf::Datasec& t) const {
    out["size"] = t.size;
    auto& vars = list("vars", t.vars.size());
    for (const auto& each : t.vars)
      vars.push_back({{"type_id", number(each.var)}, {"offset", each.offset}, {"size", each.size}});
  }
  void operator()(const btf::Float& t) const { out["size"] = t.size; }
  void operator()(const btf::DeclTag& t) const {
    out["type_id"] = number(t.type);
    out["component_idx"] = t.component;
  }
  void operator()(const btf::Opaque&) const {}

  Json& list(const char* name, std::size_t count) const {
    out["vlen"] = count;
    return out[name] = Json::array();
  }
};

}  // namespace

Result<Json> type_json(const btf::Btf& btf, btf::TypeId id) {
  const auto type = SKEP_TRY(btf.type(id));
  Json out = {{"id", number(id)}, {"kind", to_string(btf.kind(id))}, {"name", btf::name_text(btf.name(id))}};
  std::visit(Adder{out}, type);
  return out;
}

}  // namespace skep::cli
