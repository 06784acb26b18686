#include "skep/harness/sha256.hpp"

#include <string>

#include <gtest/gtest.h>

namespace skep::harness {
namespace {

std::string digest(std::string_view text) { return to_hex(sha256(as_bytes(text))); }

// The examples of FIPS 180-4, and lengths around the block's edge.
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(digest(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Compared with coreutils' sha256sum over strings of 'x'.
TEST(Sha256, LengthsAtTheEdgeOfABlock) {
  EXPECT_EQ(digest(std::string(55, 'x')), "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072");
  EXPECT_EQ(digest(std::string(56, 'x')), "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e");
  EXPECT_EQ(digest(std::string(63, 'x')), "75220b47218278e656f2013bb8f0c455a25eaf01e86c64924e9d48d89776d6f2");
  EXPECT_EQ(digest(std::string(64, 'x')), "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c");
  EXPECT_EQ(digest(std::string(65, 'x')), "9537c5fdf120482f7d58d25e9ed583f52c02b4e304ea814db1633ad565aed7e9");
  EXPECT_EQ(digest(std::string(119, 'x')), "000b48d4edf0fa7bee3c6236ecd2785baa5db4eeb8bb54341b029e0d9fa5fb0c");
  EXPECT_EQ(digest(std::string(120, 'x')), "13f05a0b594787f5ecd315edc96141bd3243203d1b7d4f0836f37308b276ba98");
}

TEST(Sha256, WithAndWithoutTheProcessorsInstructions) {
  std::string data;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(sha256(as_bytes(data), 200, true), sha256(as_bytes(data), 200, false)) << i;
    data += static_cast<char>(i * 37);
  }
}

TEST(Sha256, ZerosThatAreNotThere) {
  for (const std::size_t size : {0u, 1u, 55u, 63u, 64u, 65u})
    for (const std::size_t zeros : {0u, 1u, 55u, 56u, 63u, 64u, 65u, 200u}) {
      const std::string data(size, 'x');
      EXPECT_EQ(to_hex(sha256(as_bytes(data), zeros)), digest(data + std::string(zeros, '\0'))) << size << " " << zeros;
    }
}

}  // namespace
}  // namespace skep::harness
