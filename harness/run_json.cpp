#include "skep/harness/run_json.hpp"

#include <nlohmann/json.hpp>

#include "skep/btf/c_name.hpp"
#include "skep/harness/value_json.hpp"

namespace skep::harness {
namespace {

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json redirect_to_json(const vm::Redirect& redirect) {
  Json json;
  json["helper"] = redirect.helper;
  json["map"] = text_or_null(redirect.map);
  json["ifindex"] = redirect.ifindex ? Json(*redirect.ifindex) : Json(nullptr);
  json["key"] = redirect.key ? json_integer(*redirect.key) : Json(nullptr);
  json["flags"] = json_integer(redirect.flags);
  return json;
}

Json event_to_json(const vm::Event& event) {
  Json json;
  json["map"] = event.map;
  json["cpu"] = event.cpu;
  json["data"] = to_hex(event.data);
  return json;
}

Json fault_to_json(const vm::Fault& fault) {
  Json json;
  json["kind"] = to_string(fault.kind);
  json["program"] = fault.program;
  json["function"] = text_or_null(fault.function);
  json["instruction"] = fault.instruction;
  json["file"] = text_or_null(fault.file);
  json["line"] = fault.line == 0 ? Json(nullptr) : Json(fault.line);
  json["text"] = text_or_null(fault.text);
  json["address"] = fault.address ? Json(fmt::format("{:#x}", *fault.address)) : Json(nullptr);
  json["region"] = text_or_null(fault.region);
  json["detail"] = fault.detail;
  return json;
}

// A register as the type of the result or argument that it holds has it; null for void.
Json register_to_json(const btf::Btf& types, btf::TypeId type, std::uint64_t value) {
  const auto size = types.size_of(type);
  if (!size || *size > sizeof value) return nullptr;
  std::byte raw[sizeof value];
  store(raw, value);
  return bytes_to_json(types, type, Bytes(raw).first(*size), ByteOrder::little);
}

// One object, or as many as there are; text for char *, hex for void *.
Json pointee_to_json(const btf::Btf& types, btf::TypeId type, Bytes bytes) {
  if (bytes.empty()) return nullptr;
  const auto size = types.size_of(type);
  if (!size || *size == 0) return to_hex(bytes);
  const auto stripped = types.strip(type);
  if (*size == 1 && bytes.back() == std::byte{0} && stripped && types.kind(*stripped) == btf::Kind::Int)
    return std::string(as_text(bytes).substr(0, as_text(bytes).find('\0')));
  if (*size == bytes.size()) return bytes_to_json(types, type, bytes, ByteOrder::little);
  Json array = Json::array();
  for (; bytes.size() >= *size; bytes = bytes.subspan(*size))
    array.push_back(bytes_to_json(types, type, bytes.first(*size), ByteOrder::little));
  return array;
}

}  // namespace

std::vector<std::string> printk_lines(const vm::Outcome& outcome) {
  auto lines = outcome.printk;
  if (outcome.printk_lost != 0) lines.push_back(fmt::format("[LOST {} EVENTS]", outcome.printk_lost));
  return lines;
}

Json run_to_json(const RunRecord& record) {
  const auto& result = record.result;
  Json json;
  json["return_value"] = static_cast<std::uint32_t>(result.r0);
  json["r0"] = fmt::format("{:#x}", result.r0);
  json["verdict"] = record.verdict ? Json(*record.verdict) : Json(nullptr);
  json["data_out"] = record.data_out ? Json(to_hex(*record.data_out)) : Json(nullptr);
  json["instructions"] = json_integer(result.instructions);
  json["redirect"] = record.outcome.redirect ? redirect_to_json(*record.outcome.redirect) : Json(nullptr);
  json["events"] = Json::array();
  for (const auto& event : record.outcome.events) json["events"].push_back(event_to_json(event));
  json["printk"] = printk_lines(record.outcome);
  json["fault"] = result.fault ? fault_to_json(*result.fault) : Json(nullptr);
  json["error"] = record.error ? Json(record.error->what()) : Json(nullptr);
  return json;
}

Json call_to_json(const FunctionRecord& record, const btf::Btf& types) {
  Json json = run_to_json(record.run);
  json["result"] = nullptr;
  json["result_type"] = nullptr;
  if (record.prototype) {
    const auto type = record.prototype->result;
    json["result_type"] = btf::c_name(types, type);
    if (!record.run.result.fault) json["result"] = register_to_json(types, type, record.run.result.r0);
  }
  json["arguments"] = Json::array();
  for (const auto& argument : record.arguments) {
    Json one;
    one["name"] = argument.name;
    one["type"] = argument.type == btf::TypeId::none ? Json(nullptr) : Json(btf::c_name(types, argument.type));
    one["passed"] = fmt::format("{:#x}", argument.passed);
    one["value"] = argument.type == btf::TypeId::none ? Json(nullptr)
                                                      : register_to_json(types, argument.type, argument.passed);
    one["before"] = pointee_to_json(types, argument.pointee, argument.before);
    one["after"] = pointee_to_json(types, argument.pointee, argument.after);
    json["arguments"].push_back(std::move(one));
  }
  return json;
}

}  // namespace skep::harness
