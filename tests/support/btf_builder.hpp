// Writes .BTF sections for tests, record by record and in either byte order, well-formed or not: what is
// asked for is what is written.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "skep/btf/btf.hpp"

namespace skep::test {

class BtfBuilder {
 public:
  explicit BtfBuilder(ByteOrder order = ByteOrder::little) : order_(order) {}
  // Split BTF: ids and string offsets go on from those of the base.
  explicit BtfBuilder(const btf::Btf& base)
      : order_(base.byte_order()),
        next_id_(base.type_count()),
        first_string_(static_cast<std::uint32_t>(base.string_end())),
        strings_() {}

  ByteOrder order() const { return order_; }

  // Offset of a string, added if it is not "".
  std::uint32_t string(std::string_view text) {
    if (text.empty()) return 0;
    const auto offset = first_string_ + static_cast<std::uint32_t>(strings_.size());
    strings_.append(text).push_back('\0');
    return offset;
  }

  // Any record at all. `kind`: also numbers that no kind has.
  btf::TypeId record(unsigned kind, std::string_view name, std::uint32_t vlen, bool kind_flag,
                     std::uint32_t size_or_type, std::initializer_list<std::uint32_t> tail = {}) {
    return record(kind, name, vlen, kind_flag, size_or_type, std::vector<std::uint32_t>(tail));
  }
  btf::TypeId record(unsigned kind, std::string_view name, std::uint32_t vlen, bool kind_flag,
                     std::uint32_t size_or_type, const std::vector<std::uint32_t>& tail) {
    push(string(name));
    push(vlen | kind << 24 | (kind_flag ? 1u << 31 : 0));
    push(size_or_type);
    for (const auto word : tail) push(word);
    return btf::TypeId{next_id_++};
  }
  // One word of a record more.
  void push(std::uint32_t word) { types_.push_back(word); }

  static constexpr std::uint32_t kSigned = 1, kChar = 2, kBool = 4;
  btf::TypeId integer(std::string_view name, std::uint32_t size, std::uint32_t encoding = 0) {
    return integer(name, size, encoding, size * 8, 0);
  }
  btf::TypeId integer(std::string_view name, std::uint32_t size, std::uint32_t encoding, std::uint32_t bits,
                      std::uint32_t bit_offset) {
    return record(1, name, 0, false, size, {encoding << 24 | bit_offset << 16 | bits});
  }
  btf::TypeId ptr(btf::TypeId to) { return record(2, "", 0, false, number(to)); }
  btf::TypeId array(btf::TypeId element, std::uint32_t count, btf::TypeId index = btf::TypeId{1}) {
    return record(3, "", 0, false, 0, {number(element), number(index), count});
  }

  struct Member {
    std::string_view name;
    btf::TypeId type;
    std::uint32_t bit_offset;
    std::uint32_t bitfield_size = 0;  // in the kind_flag form
  };
  btf::TypeId structure(std::string_view name, std::uint32_t size, const std::vector<Member>& members,
                        bool kind_flag = false) {
    return composite(4, name, size, members, kind_flag);
  }
  btf::TypeId union_(std::string_view name, std::uint32_t size, const std::vector<Member>& members,
                     bool kind_flag = false) {
    return composite(5, name, size, members, kind_flag);
  }

  struct Enumerator {
    std::string_view name;
    std::int64_t value;
  };
  btf::TypeId enumeration(std::string_view name, std::uint32_t size, bool is_signed,
                          const std::vector<Enumerator>& values) {
    std::vector<std::uint32_t> tail;
    for (const auto& each : values)
      tail.insert(tail.end(), {string(each.name), static_cast<std::uint32_t>(each.value)});
    return record(6, name, static_cast<std::uint32_t>(values.size()), is_signed, size, tail);
  }
  btf::TypeId enum64(std::string_view name, std::uint32_t size, bool is_signed, const std::vector<Enumerator>& values) {
    std::vector<std::uint32_t> tail;
    for (const auto& each : values) {
      const auto value = static_cast<std::uint64_t>(each.value);
      tail.insert(tail.end(),
                  {string(each.name), static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32)});
    }
    return record(19, name, static_cast<std::uint32_t>(values.size()), is_signed, size, tail);
  }

  btf::TypeId modifier(btf::Kind kind, btf::TypeId to, std::string_view name = "") {
    return record(static_cast<unsigned>(kind), name, 0, false, number(to));
  }
  btf::TypeId typedef_(std::string_view name, btf::TypeId to) { return modifier(btf::Kind::Typedef, to, name); }

  struct Param {
    std::string_view name;
    btf::TypeId type;
  };
  btf::TypeId proto(btf::TypeId result, const std::vector<Param>& params) {
    std::vector<std::uint32_t> tail;
    for (const auto& param : params) tail.insert(tail.end(), {string(param.name), number(param.type)});
    return record(13, "", static_cast<std::uint32_t>(params.size()), false, number(result), tail);
  }
  btf::TypeId func(std::string_view name, btf::TypeId proto, std::uint32_t linkage = 1) {
    return record(12, name, linkage, false, number(proto));
  }
  btf::TypeId var(std::string_view name, btf::TypeId type, std::uint32_t linkage = 1) {
    return record(14, name, 0, false, number(type), {linkage});
  }
  btf::TypeId datasec(std::string_view name, std::uint32_t size, const std::vector<btf::SectionVar>& vars) {
    std::vector<std::uint32_t> tail;
    for (const auto& each : vars) tail.insert(tail.end(), {number(each.var), each.offset, each.size});
    return record(15, name, static_cast<std::uint32_t>(vars.size()), false, size, tail);
  }
  btf::TypeId floating(std::string_view name, std::uint32_t size) { return record(16, name, 0, false, size); }
  btf::TypeId decl_tag(std::string_view value, btf::TypeId on, std::int32_t component = -1) {
    return record(17, value, 0, false, number(on), {static_cast<std::uint32_t>(component)});
  }

  // Sizes of the records per kind, from kind 0 on; written when the header has 32 bytes or more.
  struct Layout {
    std::uint8_t fixed, each;
  };
  std::vector<Layout> layout;
  std::uint32_t header_size = 24;

  // header, types, strings, layout
  std::vector<std::byte> build() const {
    const auto type_size = static_cast<std::uint32_t>(types_.size() * 4);
    auto strings = strings_;
    while (header_size >= 32 && strings.size() % 4 != 0) strings.push_back('\0');
    const auto string_size = static_cast<std::uint32_t>(strings.size());

    ByteWriter out(order_);
    out.write(std::uint16_t{0xeb9f});
    out.write(std::uint8_t{1});
    out.write(std::uint8_t{0});
    for (const auto word : {header_size, 0u, type_size, type_size, string_size}) out.write(word);
    if (header_size >= 32) {
      out.write(type_size + string_size);
      out.write(static_cast<std::uint32_t>(layout.size() * 4));
    }
    while (out.size() < header_size) out.write(std::uint8_t{0});
    for (const auto word : types_) out.write(word);
    out.write(as_bytes(strings));
    if (header_size >= 32) {
      for (const auto& shape : layout) {
        out.write(shape.fixed);
        out.write(shape.each);
        out.write(std::uint16_t{0});
      }
    }
    return std::move(out).bytes();
  }
  Result<btf::Btf> parse() const { return btf::Btf::parse(build()); }
  Result<btf::Btf> parse(const btf::Btf& base) const { return btf::Btf::parse(build(), base); }

 private:
  btf::TypeId composite(unsigned kind, std::string_view name, std::uint32_t size, const std::vector<Member>& members,
                        bool kind_flag) {
    std::vector<std::uint32_t> tail;
    for (const auto& member : members)
      tail.insert(tail.end(), {string(member.name), number(member.type),
                               kind_flag ? member.bitfield_size << 24 | member.bit_offset : member.bit_offset});
    return record(kind, name, static_cast<std::uint32_t>(members.size()), kind_flag, size, tail);
  }

  ByteOrder order_;
  std::uint32_t next_id_ = 1, first_string_ = 0;
  std::string strings_ = std::string(1, '\0');
  std::vector<std::uint32_t> types_;
};

}  // namespace skep::test
