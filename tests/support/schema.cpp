#include "skep/tests/support/schema.hpp"

#include <fstream>
#include <map>
#include <regex>

#include <nlohmann/json.hpp>

namespace skep::test {
namespace {

using nlohmann::json;

class Validator {
 public:
  // "" or the path of what is wrong, and how. `file` is where references without a file point.
  std::string check(const std::string& file, const json& schema, const json& value, const std::string& path) {
    if (schema.is_boolean()) return schema.get<bool>() ? "" : path + ": not allowed";
    for (const auto& [key, rule] : schema.items())
      if (auto error = check_one(file, schema, key, rule, value, path); !error.empty()) return error;
    return "";
  }
  const json& load(const std::string& file) {
    auto& document = files_[file];
    if (document.is_null()) {
      std::ifstream stream(SKEP_SOURCE_DIR "/docs/" + file);
      document = json::parse(stream);
    }
    return document;
  }

 private:
  std::string check_one(const std::string& file, const json& schema, const std::string& key, const json& rule,
                        const json& value, const std::string& path) {
    if (key == "type") return is_type(rule, value) ? "" : path + ": " + value.dump() + " is no " + rule.dump();
    if (key == "const") return value == rule ? "" : path + ": " + value.dump() + " is not " + rule.dump();
    if (key == "enum")
      return std::find(rule.begin(), rule.end(), value) != rule.end()
                 ? ""
                 : path + ": " + value.dump() + " is none of " + rule.dump();
    if (key == "required") {
      for (const auto& name : rule)
        if (!value.contains(name.get<std::string>())) return path + ": no " + name.dump();
      return "";
    }
    if (key == "properties" || key == "additionalProperties") return check_object(file, schema, key, value, path);
    if (key == "items") {
      for (std::size_t i = 0; value.is_array() && i < value.size(); i++)
        if (auto error = check(file, rule, value[i], path + "[" + std::to_string(i) + "]"); !error.empty())
          return error;
      return "";
    }
    if (key == "pattern") {
      const bool matches =
          !value.is_string() || std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()));
      return matches ? "" : path + ": " + value.dump() + " does not match " + rule.dump();
    }
    if (key == "anyOf") {
      std::string errors;
      for (const auto& choice : rule) {
        const auto error = check(file, choice, value, path);
        if (error.empty()) return "";
        errors += error + "; ";
      }
      return errors;
    }
    if (key == "$ref") return check_reference(file, rule.get<std::string>(), value, path);
    if (key == "$schema" || key == "$id" || key == "title" || key == "description" || key == "definitions") return "";
    return path + ": the validator does not know \"" + key + "\"";
  }

  static bool is_type(const json& rule, const json& value) {
    if (rule.is_array())
      return std::any_of(rule.begin(), rule.end(), [&](const json& one) { return is_type(one, value); });
    const auto name = rule.get<std::string>();
    return name == "integer"  ? value.is_number_integer()
           : name == "number" ? value.is_number()
                              : name == value.type_name();
  }

  std::string check_object(const std::string& file, const json& schema, const std::string& key, const json& value,
                           const std::string& path) {
    if (!value.is_object()) return "";
    const json none = json::object();
    const auto& known = schema.contains("properties") ? schema["properties"] : none;
    for (const auto& [name, member] : value.items()) {
      std::string error;
      if (known.contains(name)) {
        if (key == "properties") error = check(file, known[name], member, path + "." + name);
      } else if (key == "additionalProperties") {
        error = check(file, schema[key], member, path + "." + name);
      }
      if (!error.empty()) return error;
    }
    return "";
  }

  std::string check_reference(const std::string& file, const std::string& reference, const json& value,
                              const std::string& path) {
    const auto hash = reference.find('#');
    const auto target = hash == 0 ? file : reference.substr(0, hash);
    return check(target, load(target).at(json::json_pointer(reference.substr(hash + 1))), value, path);
  }

  std::map<std::string, json> files_;
};

}  // namespace

std::string schema_error(const std::string& schema, const std::string& document) {
  try {
    Validator validator;
    return validator.check(schema, validator.load(schema), json::parse(document), "$");
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace skep::test
