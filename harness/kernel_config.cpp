#include "skep/harness/kernel_config.hpp"

#include <memory>

#include <zlib.h>

#include "skep/base/file.hpp"

namespace skep::harness {
namespace {

// A configuration has 300 KB. What unpacks to more than this is none.
constexpr std::size_t kMaxText = std::size_t{64} << 20;

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

Result<std::string> unpack(Bytes packed) {
  z_stream stream{};
  constexpr int kGzip = 16 + MAX_WBITS;  // zlib.h: a gzip header, and the largest window
  if (inflateInit2(&stream, kGzip) != Z_OK) return fail(Errc::os, "zlib cannot be used");
  const std::unique_ptr<z_stream, EndInflate> end(&stream);
  // zlib takes no const, and writes nothing there.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  for (;;) {
    char piece[1 << 16];
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    const int status = inflate(&stream, Z_NO_FLUSH);
    text.append(piece, sizeof piece - stream.avail_out);
    if (status == Z_STREAM_END) return text;
    if (status != Z_OK)
      return fail(Errc::malformed, "gzip: {}", stream.msg != nullptr ? stream.msg : "the data ends too early");
    if (text.size() > kMaxText) return fail(Errc::malformed, "gzip: more than {} MiB of text", kMaxText >> 20);
  }
}

}  // namespace

Result<> add_kconfig_file(const std::string& path, spec::Kconfig& values) {
  const auto bytes = SKEP_TRY(read_file(path));
  const bool packed = bytes.size() > 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
  const auto text = SKEP_TRY_CTX(packed ? unpack(bytes) : Result<std::string>(as_text(bytes)), "{}", path);
  spec::Kconfig own;
  SKEP_TRY_CTX(spec::read_kconfig(text, own), "{}", path);
  if (own.empty()) return fail(Errc::malformed, "{}: no line begins with CONFIG_", path);
  values.merge(std::move(own));
  return {};
}

}  // namespace skep::harness
