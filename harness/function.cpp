#include "skep/harness/function.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "skep/btf/c_name.hpp"
#include "skep/harness/names.hpp"
#include "skep/harness/text_value.hpp"
#include "skep/harness/value_json.hpp"
#include "skep/vm/program.hpp"

namespace skep::harness {
namespace {

constexpr std::size_t kMaxArguments = 5;  // r1..r5
constexpr std::uint64_t kMaxObject = 1 << 20;  // bytes behind one pointer

// An argument under way: its report, and where the guest memory is that was made for it.
struct Passed {
  FunctionArgument report;
  vm::GuestAddress address = 0;
};

class Call {
 public:
  Call(World& world, Bytes packet, LinkType link, const Json& fields)
      : world_(world), types_(world.spec().types), packet_(packet), link_(link), fields_(fields) {}

  // Which kind of context `ctx`, `data` and `data_end` stand for.
  ProgramType context_type = ProgramType::xdp;
  vm::Context* context = nullptr;  // made when an argument asks for it

  Result<Passed> pass(const btf::Param& param, std::size_t index, const std::string& text);

 private:
  Result<std::uint64_t> scalar(btf::TypeId type, std::string_view text) const;
  Result<> pointer(btf::TypeId type, const std::string& text, Passed& passed);
  Result<std::uint64_t> packet_address(std::string_view word);
  Result<std::vector<std::byte>> object(btf::TypeId element, const std::string& text) const;

  World& world_;
  const btf::Btf& types_;
  Bytes packet_;
  LinkType link_;
  const Json& fields_;
};

bool is_char(const btf::Btf& types, btf::TypeId id) {
  const auto type = types.get<btf::Int>(id);
  return type && type->size == 1;
}

Result<std::uint64_t> Call::scalar(btf::TypeId type, std::string_view text) const {
  if (type == btf::TypeId::none) return SKEP_TRY(integer_of(text)).bits;
  const auto size = SKEP_TRY(types_.size_of(type));
  if (size == 0 || size > 8) return fail(Errc::not_supported, "values of {} bytes cannot be passed", size);
  const auto bytes = SKEP_TRY(bytes_from_text(types_, type, size, text, ByteOrder::little));
  std::byte wide[8] = {};
  std::copy(bytes.begin(), bytes.end(), wide);
  const auto value = load<std::uint64_t>(wide);
  const auto id = SKEP_TRY(types_.strip(type));
  const auto integer = types_.get<btf::Int>(id);
  const auto enumeration = types_.get<btf::Enum>(id);
  const bool is_signed = (integer && integer->is_signed) || (enumeration && enumeration->is_signed);
  const auto shift = 64 - 8 * static_cast<unsigned>(size);
  // Callers extend narrow arguments as their type says.
  return is_signed ? static_cast<std::uint64_t>(static_cast<std::int64_t>(value << shift) >> shift) : value;
}

Result<std::uint64_t> Call::packet_address(std::string_view word) {
  if (context == nullptr) {
    context = SKEP_TRY(world_.context(context_type));
    SKEP_TRY(put_packet(*context, packet_, link_));
    SKEP_TRY(set_fields(*context, fields_));
  }
  if (word == "ctx") return context->address();
  const auto* place = context->packet();
  if (place == nullptr) return fail(Errc::invalid, "programs of type {} have no packet", to_string(context_type));
  return word == "data" ? place->data : place->end;
}

// The bytes that a pointer argument's text describes.
Result<std::vector<std::byte>> Call::object(btf::TypeId element, const std::string& text) const {
  auto json = parse_json(text);
  const auto id = SKEP_TRY(types_.strip(element));
  if (is_char(types_, id) && (!json || json->is_string())) {
    const std::string string = json ? json->get<std::string>() : text;
    const auto bytes = as_bytes(std::string_view(string.c_str(), string.size() + 1));  // with its NUL
    return std::vector(bytes.begin(), bytes.end());
  }
  if (!json) return fail(Errc::invalid, "{}", json.error().what());
  if (types_.kind(id) == btf::Kind::Void) {
    if (!json->is_string())
      return fail(Errc::invalid, "what void * points to is given as hex in quotes, not as {}", kind_of(*json));
    auto given = from_hex(json->get_ref<const std::string&>());
    if (!given) return fail(Errc::invalid, "{}", given.error().what());
    return given;
  }
  const auto size = SKEP_TRY(types_.size_of(element));
  const bool several = json->is_array() && types_.kind(id) != btf::Kind::Array;
  const std::size_t count = several ? json->size() : 1;
  if (size == 0 || count == 0 || size > kMaxObject / count)
    return fail(Errc::invalid, "{} of {} bytes: at most {} bytes can be passed", count, size, kMaxObject);
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < count; i++) {
    const auto one = SKEP_TRY(bytes_from_json(types_, element, size, several ? (*json)[i] : *json, ByteOrder::little));
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  return bytes;
}

Result<> Call::pointer(btf::TypeId element, const std::string& text, Passed& passed) {
  if (text == "ctx" || text == "data" || text == "data_end") {
    passed.report.passed = SKEP_TRY(packet_address(text));
    return {};
  }
  if (text == "null" || text == "NULL") return {};
  if (const auto address = integer_of(std::string_view(text))) {
    passed.report.passed = address->bits;
    return {};
  }
  const auto bytes = SKEP_TRY(object(element, text));
  if (bytes.empty()) return fail(Errc::invalid, "there is nothing to point to");
  auto& memory = world_.machine().memory();
  passed.address = SKEP_TRY(memory.allocate(bytes.size(), fmt::format("argument {}", passed.report.name)));
  if (!memory.copy_out(passed.address, bytes.data(), bytes.size()))
    return fail(Errc::os, "guest memory cannot be filled");
  passed.report.passed = passed.address;
  passed.report.pointee = element;
  passed.report.before = bytes;
  return {};
}

Result<Passed> Call::pass(const btf::Param& param, std::size_t index, const std::string& text) {
  Passed passed;
  passed.report.name = param.name.empty() ? fmt::format("arg{}", index + 1) : std::string(param.name);
  passed.report.type = param.type;
  const auto type = param.type == btf::TypeId::none ? "" : btf::c_name(types_, param.type);
  const auto where = fmt::format("argument {} ({} {})", index + 1, type, passed.report.name);
  const auto id = SKEP_TRY(types_.strip(param.type));
  if (const auto ptr = types_.get<btf::Ptr>(id)) {
    SKEP_TRY_CTX(pointer(ptr->type, text, passed), "{}", where);
  } else if (const auto kind = types_.kind(id); kind == btf::Kind::Struct || kind == btf::Kind::Union) {
    return fail(Errc::not_supported, "{}: structures cannot be passed by value", where);
  } else {
    passed.report.passed = SKEP_TRY_CTX(scalar(param.type, text), "{}", where);
  }
  return passed;
}

// The function's type; nothing without BTF.
Result<std::optional<btf::FuncProto>> prototype(const btf::Btf& types, const Code& code) {
  if (code.functions.empty() || code.functions.front().type_id == 0) return std::nullopt;
  const auto func = SKEP_TRY(types.get<btf::Func>(btf::TypeId{code.functions.front().type_id}));
  return SKEP_TRY(types.get<btf::FuncProto>(func.proto));
}

// The program type that a context pointer stands for.
std::optional<ProgramType> type_of_context(const btf::Btf& types, btf::TypeId param) {
  const auto id = types.strip(param);
  if (!id) return {};
  const auto ptr = types.get<btf::Ptr>(*id);
  const auto target = ptr ? types.strip(ptr->type) : id;
  if (!ptr || !target) return {};
  if (types.name(*target) == "xdp_md") return ProgramType::xdp;
  if (types.name(*target) == "__sk_buff") return ProgramType::sched_cls;
  return {};
}

std::string signature(const btf::Btf& types, const Code& code) {
  return btf::c_name(types, btf::TypeId{code.functions.front().type_id});
}

}  // namespace

Result<FunctionRecord> call_function(World& world, std::string_view name, std::span<const std::string> arguments,
                                     Bytes packet, const Json& fields, const RunOptions& options) {
  const auto& spec = world.spec();
  if (find_code(spec, name) == nullptr)
    return fail(Errc::invalid, "the object has no function \"{}\" (inlined? __noinline keeps it); {}", name,
                list_code(spec));
  auto* program = SKEP_TRY(world.collection().program(name));
  const auto proto = SKEP_TRY(prototype(spec.types, program->code()));
  std::vector<btf::Param> params = proto ? proto->params : std::vector<btf::Param>(arguments.size());
  if (params.size() != arguments.size())
    return fail(Errc::invalid, "{} takes {} argument{}, {} given", signature(spec.types, program->code()),
                params.size(), params.size() == 1 ? "" : "s", arguments.size());
  if (params.size() > kMaxArguments)
    return fail(Errc::not_supported, "{} takes more than {} arguments", name, kMaxArguments);

  Call call(world, packet, options.link, fields);
  for (const auto& param : params)
    if (const auto type = type_of_context(spec.types, param.type)) call.context_type = *type;
  if (program->type() != ProgramType::unspec) call.context_type = program->type();
  std::vector<Passed> passed;
  for (std::size_t i = 0; i < params.size(); i++) passed.push_back(SKEP_TRY(call.pass(params[i], i, arguments[i])));

  auto* executable = SKEP_TRY(program->executable(*options.engine));
  std::uint64_t registers[kMaxArguments] = {};
  for (std::size_t i = 0; i < passed.size(); i++) registers[i] = passed[i].report.passed;

  FunctionRecord record;
  auto& cpu = world.machine().cpu(options.cpu);
  record.run.result = executable->run(cpu, call.context, registers, options.fuel);
  record.run.outcome = cpu.outcome();
  record.prototype = proto;
  for (auto& one : passed) {
    one.report.after = one.report.before;
    if (one.address != 0 &&
        !world.machine().memory().copy_in(one.report.after.data(), one.address, one.report.after.size()))
      return fail(Errc::os, "argument {} cannot be read back", one.report.name);
    record.arguments.push_back(std::move(one.report));
  }
  return record;
}

}  // namespace skep::harness
