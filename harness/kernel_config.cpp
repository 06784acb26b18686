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

bool is_gzip(Bytes bytes) { return bytes.size() > 1 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b}; }

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
    if (text.size() > kMaxText) return fail(Errc::malformed, "gzip: more than {} MiB of text", kMaxText >> 20);
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) return text;
      // RFC 1952, section 2.2: a file may be several of them, one after the other.
      const auto rest = packed.last(stream.avail_in);
      if (!is_gzip(rest)) return fail(Errc::malformed, "gzip: {} bytes of something else behind its end", rest.size());
      if (inflateReset(&stream) != Z_OK) return fail(Errc::os, "zlib cannot be used");
    } else if (status != Z_OK) {
      return fail(Errc::malformed, "gzip: {}", stream.msg != nullptr ? stream.msg : "the data ends too early");
    }
  }
}

}  // namespace

Result<> add_kconfig_file(const std::string& path, spec::Kconfig& values) {
  const auto bytes = SKEP_TRY(read_file(path));
  const auto text = SKEP_TRY_CTX(is_gzip(bytes) ? unpack(bytes) : Result<std::string>(as_text(bytes)), "{}", path);
  spec::Kconfig own;
  SKEP_TRY_CTX(spec::read_kconfig(text, own), "{}", path);
  // "# CONFIG_X is not set" says something, too.
  if (own.empty() && text.find("CONFIG_") == std::string::npos)
    return fail(Errc::malformed, "{}: no line names an option (CONFIG_...)", path);
  values.merge(std::move(own));
  return {};
}

}  // namespace skep::harness
