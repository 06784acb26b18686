// C declares inside out: "int (*a)[4]" is an a, which is a pointer to an array of int. So the walk from the
// outer type to the inner one wraps a declarator that grows on both sides, and the base goes in front.
#include "skep/btf/c_name.hpp"

namespace skep::btf {
namespace {

// Parameters that would begin beyond this many characters are not printed.
constexpr std::size_t kLongEnough = 120;
// Types that one name looks at, those of parameters included: functions of functions could go on for ever.
constexpr int kMostTypes = 100;

class Speller {
 public:
  Speller(const Btf& btf, int& types_left) : btf_(btf), types_left_(types_left) {}

  std::string spell(TypeId id, std::string declarator) {
    declarator_ = std::move(declarator);
    std::string base = "?";
    for (int depth = 0; depth < kMaxDepth && types_left_ > 0; ++depth) {
      --types_left_;
      const auto type = btf_.type(id);
      if (!type) break;
      const auto next = std::visit([&](const auto& t) { return step(t, base); }, *type);
      if (!next) break;
      id = *next;
    }
    if (!declarator_.empty() && declarator_.front() != '[') base += ' ';
    return qualifiers_ + base + declarator_;
  }

 private:
  using Next = std::optional<TypeId>;  // none: `base` is the end of the way

  static Next end(std::string& base, std::string text) {
    base = std::move(text);
    return std::nullopt;
  }
  static std::string tagged(const char* word, std::string_view name) {
    return fmt::format("{} {}", word, name.empty() ? "{...}" : name);
  }
  void prefix(std::string_view word) {
    // A qualifier of a pointer stands to the right of its star.
    const bool tight = declarator_.empty() || declarator_.front() == '[';
    declarator_ = std::string(word) + (tight ? "" : " ") + declarator_;
  }
  void suffix(const std::string& text) {
    if (declarator_.starts_with('*')) declarator_ = "(" + declarator_ + ")";
    declarator_ += text;
  }

  Next step(const Void&, std::string& base) { return end(base, "void"); }
  Next step(const Int& t, std::string& base) { return end(base, std::string(t.name)); }
  Next step(const Float& t, std::string& base) { return end(base, std::string(t.name)); }
  Next step(const Composite& t, std::string& base) {
    return end(base, tagged(t.is_union ? "union" : "struct", t.name));
  }
  Next step(const Fwd& t, std::string& base) { return end(base, tagged(t.is_union ? "union" : "struct", t.name)); }
  Next step(const Enum& t, std::string& base) { return end(base, tagged("enum", t.name)); }
  Next step(const Datasec& t, std::string& base) { return end(base, fmt::format("section {}", t.name)); }
  Next step(const DeclTag& t, std::string& base) { return end(base, fmt::format("tag \"{}\"", t.value)); }
  Next step(const Opaque& t, std::string& base) {
    return end(base, fmt::format("kind {} {}", static_cast<unsigned>(t.kind), t.name));
  }

  Next step(const Ptr& t, std::string&) {
    declarator_ = "*" + declarator_;
    return t.type;
  }
  Next step(const Array& t, std::string&) {
    suffix(fmt::format("[{}]", t.count));
    return t.element;
  }
  Next step(const Modifier& t, std::string& base) {
    const char* word = "";
    switch (t.kind) {
      case Kind::Typedef: return end(base, std::string(t.name));
      case Kind::Const: word = "const"; break;
      case Kind::Volatile: word = "volatile"; break;
      case Kind::Restrict: word = "restrict"; break;
      default: return t.type;  // type tags are for the verifier
    }
    if (btf_.kind(t.type) == Kind::Ptr)
      prefix(word);
    else
      qualifiers_ += std::string(word) + " ";
    return t.type;
  }
  Next step(const Func& t, std::string&) {
    declarator_ = std::string(t.name);
    return t.proto;
  }
  Next step(const Var& t, std::string&) {
    declarator_ = std::string(t.name);
    return t.type;
  }
  Next step(const FuncProto& t, std::string&) {
    std::string params;
    for (const auto& param : t.params) {
      if (!params.empty()) params += ", ";
      const bool last = &param == &t.params.back();
      const bool variadic = last && param.type == TypeId::none && param.name.empty();
      if (variadic || params.size() > kLongEnough || types_left_ <= 0) {
        params += "...";
        break;
      }
      params += Speller(btf_, types_left_).spell(param.type, std::string(param.name));
    }
    suffix("(" + (params.empty() ? "void" : params) + ")");
    return t.result;
  }

  const Btf& btf_;
  int& types_left_;
  std::string declarator_, qualifiers_;
};

}  // namespace

std::string c_name(const Btf& btf, TypeId id) {
  int types_left = kMostTypes;
  return Speller(btf, types_left).spell(id, "");
}

}  // namespace skep::btf
