// What the terminal gets of text that could do more than stand there: here of a file's name in an error.
#include <gtest/gtest.h>

#include "skep/tests/support/btf_builder.hpp"
#include "skep/tests/support/process.hpp"
#include "skep/tests/support/temporary_file.hpp"

namespace skep::test {
namespace {

std::string shown(const std::string& text) {
  const auto error = run_skep({"inspect", "./none" + text}).err;
  const std::string before = "skep: error: open ./none", after = ": No such file or directory (errno 2)\n";
  if (!error.starts_with(before) || !error.ends_with(after)) return error;
  return error.substr(before.size(), error.size() - before.size() - after.size());
}

TEST(Printable, TextStays) { EXPECT_EQ(shown("int x; // häßlich → 🐝"), "int x; // häßlich → 🐝"); }

TEST(Printable, WhatCouldDoMoreThanStandThere) {
  EXPECT_EQ(shown("a\n\tb\x1b[31m\x7f"), "a??b?[31m?");
  EXPECT_EQ(shown("\u0080\u009b31m\u009f\u00a0"), "??31m?\u00a0") << "C1";
  EXPECT_EQ(shown("\u2029\u202a\u202e\u202f\u2065\u2066\u2069\u206a"), "\u2029??\u202f\u2065??\u206a");
}

TEST(Printable, WhatIsNoUtf8) {
  EXPECT_EQ(shown("\x9b" "31m"), "?31m");
  EXPECT_EQ(shown("\xc2"), "?");
  EXPECT_EQ(shown("\xe2\x80"), "??");
  EXPECT_EQ(shown("\xc0\x9b"), "??") << "too long a form";
  EXPECT_EQ(shown("\xe0\x82\x9b"), "???") << "too long a form";
  EXPECT_EQ(shown("\xed\xa0\x80"), "???") << "half of a pair";
  EXPECT_EQ(shown("\xf4\x90\x80\x80"), "????") << "beyond Unicode";
  EXPECT_EQ(shown("\xff"), "?");
}

// Of several lines only newlines that no name brought.
TEST(Printable, Listings) {
  BtfBuilder builder;
  const auto number = builder.integer("int\n[9] INT 'x'", 4, BtfBuilder::kSigned);
  builder.structure("s\u009b\u202e", 4, {{"a\r", number, 0}});
  const TemporaryFile file(".btf", builder.build());
  EXPECT_EQ(run_skep({"btf", "dump", file.path()}).out,
            "[1] INT 'int?[9] INT 'x'' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n"
            "[2] STRUCT 's?\?' size=4 vlen=1\n"
            "\t'a?' type_id=1 bits_offset=0\n");
}

}  // namespace
}  // namespace skep::test
