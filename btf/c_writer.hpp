// What the files that print C share: which types are declared so far, what C can say of a type at this point, and
// the text that grows. Internal to btf/; c_format.hpp is the door.
//
//   c_order      what a definition needs before it, and in which order all come
//   c_declarator int (*name[4])(void): types around a name
//   c_body       structures, unions and enumerations
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "skep/btf/btf.hpp"
#include "skep/btf/c_layout.hpp"
#include "skep/btf/c_words.hpp"
#include "skep/btf/storage.hpp"

namespace skep::btf::detail {

// What can be made of a type, where it is printed.
struct CShape {
  enum class Form : std::uint8_t {
    nothing,     // void, and what C cannot say
    incomplete,  // a structure or enumeration without a body so far
    object, array, function,
  };
  Form form{};
  std::uint32_t align = 1;  // bytes
  std::uint64_t size = 0;   // bytes
  bool has_size() const { return form == Form::object || form == Form::array; }
};

// const, volatile and restrict in the order of their kinds, and type tags.
struct CQualifiers {
  bool const_, volatile_, restrict_;
  std::uint8_t first_tag, last_tag;  // in CDeclarator::tags
};

// A type taken apart: what is around the name, from the outside in, and the base that stands in front. Made for every
// member, several times: the arrays are not cleared.
struct CDeclarator {
  struct Link {
    Kind kind{};  // Ptr, Array or FuncProto
    std::uint32_t count;
    TypeId proto;
    CQualifiers qualifiers;
  };
  std::array<Link, kMaxDepth> links;
  std::array<TypeId, kMaxDepth> tags;
  int count = 0;
  std::uint8_t tag_count = 0;
  TypeId base{};  // none: void
  CQualifiers qualifiers{};
  CShape shape;
};

class CWriter {
 public:
  explicit CWriter(const Btf& btf);

  // Prints the definition of a type, once, behind what it needs; of a function or variable its declaration with
  // these words around. What a pointer or an array is made of is defined in their place. Errors: malformed: broken
  // types, or a text out of all proportion to the BTF.
  Result<> define(TypeId id, std::string_view before = "extern ", std::string_view after = "");
  // Anonymous enumerations that stand in no definition.
  Result<> define_leftovers();
  // The definition alone, with the place of every member in a comment. Errors: those of define.
  Result<std::string> describe(TypeId id);

  std::string& out() { return out_; }

 private:
  enum class State : std::uint8_t { none, begun, done };
  struct Need {
    TypeId id;
    bool complete;  // with its body; else its name is enough
  };
  struct Frame {
    TypeId id;
    std::vector<Need> needs;
    std::size_t next = 0;
  };
  // A member as it is going to be printed.
  struct Field {
    enum class As : std::uint8_t { itself, bytes, bits, nameless_body };
    const Member* member = nullptr;
    As as{};
  };
  struct Fields {
    std::vector<Field> fields;
    std::vector<CPlace> places;
  };

  // c_order
  std::vector<Need> needs_of(TypeId id);
  void add_needs(TypeId id, bool by_value, int depth, std::vector<Need>& needs);
  void add_member_needs(const Composite& type, int depth, std::vector<Need>& needs);
  void add_complete(TypeId id, std::vector<Need>& needs);
  void declare(TypeId id);
  void emit(const Frame& frame);

  // c_declarator
  // Marks a type as begun while its body is looked at, so that one in a circle ends.
  class Looking {
   public:
    explicit Looking(State& state) : state_(state), before_(std::exchange(state, State::begun)) {}
    ~Looking() { state_ = before_; }
    Looking(const Looking&) = delete;
    Looking& operator=(const Looking&) = delete;

   private:
    State& state_;
    State before_;
  };
  CDeclarator take_apart(TypeId id, int depth);
  void find_shape(CDeclarator& declarator, int depth);
  CShape member_shape(TypeId id, int depth);
  CShape base_shape(TypeId base, int depth);
  CShape typedef_shape(TypeId id, int depth);
  void put_declaration(TypeId id, std::string_view name, int depth);
  void put(const CDeclarator& declarator, std::string_view name, int depth);
  void put_base(const CDeclarator& declarator, int depth);
  void put_tags(const CDeclarator& declarator, const CQualifiers& qualifiers);
  void put_params(TypeId proto, int depth);

  // c_body
  Fields fields_of(const Composite& type, int depth);
  std::optional<CPlace> place_of(const Composite& type, const Member& member, int depth, Field& field);
  std::optional<CPlace> bitfield_place(TypeId type, CPlace place, Field& field);
  CLayout layout_of(const Composite& type, const Fields& fields);
  void put_composite(TypeId id, bool nameless, int depth);
  void put_item(const Fields& fields, const CItem& item, int depth);
  void put_field(const Field& field, const CPlace& place, int depth);
  void put_pad(std::uint64_t bytes);
  void put_enum(TypeId id);
  void put_enumerator(const Enum& type, const Enumerator& each);
  void put_place(const CPlace& place);
  std::string_view member_name(std::string_view name);

  // Decodes; void after an error, which define() then returns.
  Type get(TypeId id);
  template <class T>
  T get_as(TypeId id) {
    auto type = get(id);
    auto* found = std::get_if<T>(&type);
    return found ? std::move(*found) : T{};
  }
  // Without decoding: the kind, whether it has a name, and what a pointer, modifier, function or variable refers to.
  Kind kind(TypeId id) const { return number(id) < known_.size() ? known_[number(id)].kind : Kind::Void; }
  bool is_named(TypeId id) const { return known_[number(id)].is_named; }
  TypeId target(TypeId id);
  // Memoized: of an integer, its shape and its name in C; and whether its width makes it a bitfield.
  CShape int_shape(TypeId id);
  // Behind its modifiers; none for what has no end.
  TypeId strip(TypeId id);
  // Whether the body of a structure may be looked at in the place of a member, and ends.
  bool may_enter(TypeId id, int depth) { return depth < kMaxDepth && states_[number(id)] != State::begun; }
  // Counts the parts that are looked at; false when there were too many, after which everything is void.
  bool spend(std::uint64_t parts);
  Result<> result() const;

  // Steps over what has no definition of its own.
  TypeId behind_pointers(TypeId id);
  bool is_done(TypeId id) const { return states_[number(id)] == State::done; }
  // Of a structure, union or enumeration, with or without a body.
  std::string_view tag_name(TypeId id);
  bool has_body(TypeId id);
  std::string& put(std::string_view text) { return out_ += text; }
  void put_number(std::uint64_t value);
  void indent() { out_.append(indent_, '\t'); }

  const Btf& btf_;
  std::uint64_t parts_left_, text_limit_;
  std::optional<Error> error_;
  std::string out_;

  // By type id.
  struct Known {
    Kind kind{};
    bool is_named = false, is_odd = false;  // is_odd: an integer of fewer bits than it has room for
    std::uint32_t target = 0;
  };
  std::vector<Known> known_;
  std::vector<State> states_;
  std::vector<bool> declared_;               // has a declaration without a body
  std::vector<CShape> shapes_;               // of what has a body or is a typedef, once it has one
  std::vector<std::string_view> names_;      // given to it, "" before
  CNames all_names_;

  // Of the definition that is being printed.
  std::string_view before_, after_;  // of a function or variable
  TypeId described_{};
  std::size_t start_ = 0, end_ = 0;  // where the text of the described one lies
  MemberNames members_;
  bool places_ = false;  // in comments
  std::uint32_t indent_ = 0, scope_ = 0, scopes_ = 0, pads_ = 0;
  std::uint64_t base_offset_ = 0;  // bits: of the structure inside of it that is being printed
};

// How C calls an integer or floating-point number of that size; "" if it has none.
std::string_view c_name_of(const Int& type, std::uint32_t pointer_size);
std::string_view c_name_of(const Float& type);
bool is_compilers_own(std::string_view typedef_name);

}  // namespace skep::btf::detail
