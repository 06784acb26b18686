// Compiles C with the BPF clang, and turns what BTF says of a structure into static assertions.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "skep/btf/btf.hpp"
#include "skep/tests/support/process.hpp"

namespace skep::test {

// What clang has to say; "" if it accepts the text without a warning.
inline std::string compile_errors(std::string_view text, std::vector<std::string> flags = {}) {
  std::vector<std::string> argv = {SKEP_BPF_CLANG, "-target", "bpf", "-Wall", "-ferror-limit=20", "-g", "-O2"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  argv.insert(argv.end(), {"-x", "c", "-c", "-", "-o", "/dev/null"});
  const auto done = run_process(argv, text);
  return done.exit == 0 || !done.err.empty() ? done.err : "exit status " + std::to_string(done.exit);
}

class LayoutAsserts {
 public:
  explicit LayoutAsserts(const btf::Btf& btf) : btf_(btf) {}

  // Size of a structure or union, and size and offset of every member; bitfields have neither in C. `c_type`: how C
  // calls it.
  void add(btf::TypeId id, const std::string& c_type) {
    const auto type = btf_.get<btf::Composite>(id);
    if (!type) return;
    assert_equal("sizeof(" + c_type + ")", type->size);
    members(*type, c_type, "", 0);
  }
  const std::string& text() const { return text_; }
  std::size_t count() const { return count_; }

 private:
  void assert_equal(const std::string& expression, std::uint64_t value) {
    text_ += "_Static_assert(" + expression + " == " + std::to_string(value) + ", \"\");\n";
    ++count_;
  }
  void members(const btf::Composite& type, const std::string& c_type, const std::string& path, std::uint64_t base) {
    for (const auto& member : type.members) {
      const auto stripped = btf_.strip(member.type).value_or(btf::TypeId::none);
      const bool composite = btf_.kind(stripped) == btf::Kind::Struct || btf_.kind(stripped) == btf::Kind::Union;
      const auto offset = base + member.bit_offset / 8;
      if (member.bitfield_size != 0) continue;
      const auto name = path + std::string(member.name);
      if (!member.name.empty()) {
        assert_equal("__builtin_offsetof(" + c_type + ", " + name + ")", offset);
        if (const auto size = btf_.size_of(member.type))
          assert_equal("sizeof(((" + c_type + " *)0)->" + name + ")", *size);
      }
      if (composite && btf_.name(stripped).empty())
        if (const auto inner = btf_.get<btf::Composite>(stripped))
          members(*inner, c_type, member.name.empty() ? path : name + ".", offset);
    }
  }

  const btf::Btf& btf_;
  std::string text_;
  std::size_t count_ = 0;
};

}  // namespace skep::test
