// Captures go through libpcap, which knows pcap, pcapng, both byte orders and both time resolutions. It
// reads and writes memory streams here, so that paths, pipes and errors are those of base/file and a
// file is written whole or not at all. This is the only file that includes <pcap.h>.
#include "skep/harness/packets.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <pcap/pcap.h>

#include "skep/base/file.hpp"

namespace skep::harness {
namespace {

using Capture = std::unique_ptr<pcap_t, decltype(&pcap_close)>;

// The largest packet that libpcap itself accepts (MAXIMUM_SNAPLEN of its sources).
constexpr int kSnapLength = 262144;

Result<LinkType> link_type(pcap_t* capture) {
  const int type = pcap_datalink(capture);
  switch (type) {
    case DLT_EN10MB: return LinkType::ethernet;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6: return LinkType::raw_ip;
    default: break;
  }
  const char* name = pcap_datalink_val_to_name(type);
  return fail(Errc::not_supported, "link type {} ({}): only Ethernet and raw IP captures can be run",
              name != nullptr ? name : "unknown", type);
}

Result<PacketList> parse_capture(std::vector<std::byte> file) {
  if (file.empty()) return fail(Errc::malformed, "the file is empty");
  FILE* stream = fmemopen(file.data(), file.size(), "r");
  if (stream == nullptr) return fail_errno(errno, "memory stream");
  char reason[PCAP_ERRBUF_SIZE] = "";
  const Capture capture(
      pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, reason), pcap_close);
  if (!capture) {
    std::fclose(stream);
    return fail(Errc::malformed, "no capture file: {}", reason);
  }
  PacketList list{SKEP_TRY(link_type(capture.get())), {}};
  for (;;) {
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    const int status = pcap_next_ex(capture.get(), &header, &data);
    if (status == PCAP_ERROR_BREAK) return list;
    if (status != 1)
      return fail(Errc::malformed, "packet {}: {}", list.packets.size() + 1, pcap_geterr(capture.get()));
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    list.packets.push_back({std::vector(bytes, bytes + header->caplen),
                            static_cast<std::uint64_t>(header->ts.tv_sec) * 1'000'000'000 +
                                static_cast<std::uint64_t>(header->ts.tv_usec),
                            header->len});
  }
}

}  // namespace

std::string_view to_string(LinkType link) { return link == LinkType::ethernet ? "Ethernet" : "raw IP"; }

PacketList single_packet(Bytes data) {
  return {LinkType::ethernet, {{{data.begin(), data.end()}, 0, static_cast<std::uint32_t>(data.size())}}};
}

PacketList default_packet() {
  static constexpr std::array<std::uint8_t, 64> kFrame = {
      0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00,  // Ethernet
      0x45, 0x00, 0x00, 0x32, 0x00, 0x01, 0x40, 0x00, 0x40, 0x06, 0xb6, 0xc1,              // IPv4
      0xc0, 0x00, 0x02, 0x01, 0xc0, 0x00, 0x02, 0x02,                                      // addresses
      0xc0, 0x00, 0x00, 0x50, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,              // TCP
      0x50, 0x02, 0xff, 0xff, 0x6b, 0x83, 0x00, 0x00,                                      // SYN; 10 bytes of zeros
  };
  return single_packet(std::as_bytes(std::span(kFrame)));
}

Result<PacketList> read_pcap(const std::string& path) {
  auto file = SKEP_TRY(read_file(path));
  return SKEP_TRY_CTX(parse_capture(std::move(file)), "{}", path);
}

// The memory that libpcap writes to.
struct PcapWriter::Stream {
  std::string path;
  char* buffer = nullptr;
  std::size_t size = 0;
  Capture capture{nullptr, pcap_close};
  pcap_dumper_t* dumper = nullptr;

  ~Stream() {
    if (dumper != nullptr) pcap_dump_close(dumper);
    std::free(buffer);
  }
};

PcapWriter::PcapWriter(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}
PcapWriter::PcapWriter(PcapWriter&&) noexcept = default;
PcapWriter& PcapWriter::operator=(PcapWriter&&) noexcept = default;
PcapWriter::~PcapWriter() = default;

Result<PcapWriter> PcapWriter::create(std::string path, LinkType link) {
  auto stream = std::make_unique<Stream>();
  stream->path = std::move(path);
  FILE* const file = open_memstream(&stream->buffer, &stream->size);
  if (file == nullptr) return fail_errno(errno, "{}: memory stream", stream->path);
  stream->capture.reset(pcap_open_dead_with_tstamp_precision(link == LinkType::ethernet ? DLT_EN10MB : DLT_RAW,
                                                             kSnapLength, PCAP_TSTAMP_PRECISION_NANO));
  stream->dumper = stream->capture ? pcap_dump_fopen(stream->capture.get(), file) : nullptr;
  if (stream->dumper == nullptr) {
    std::fclose(file);
    return fail(Errc::os, "{}: libpcap cannot write", stream->path);
  }
  return PcapWriter(std::move(stream));
}

void PcapWriter::add(Bytes data, std::uint64_t time_ns, std::uint32_t length_on_wire) {
  pcap_pkthdr header{};
  header.ts.tv_sec = static_cast<time_t>(time_ns / 1'000'000'000);
  header.ts.tv_usec = static_cast<suseconds_t>(time_ns % 1'000'000'000);
  header.caplen = static_cast<bpf_u_int32>(data.size());
  header.len = std::max(length_on_wire, header.caplen);
  pcap_dump(reinterpret_cast<u_char*>(stream_->dumper), &header, reinterpret_cast<const u_char*>(data.data()));
}

Result<> PcapWriter::finish() {
  auto& stream = *stream_;
  const bool failed = pcap_dump_flush(stream.dumper) != 0;  // makes buffer and size current
  if (failed) return fail(Errc::os, "{}: no memory for the packets", stream.path);
  return write_file(stream.path, std::as_bytes(std::span(stream.buffer, stream.size)));
}

Result<> write_pcap(const std::string& path, const PacketList& list) {
  auto writer = SKEP_TRY(PcapWriter::create(path, list.link));
  for (const auto& packet : list.packets) writer.add(packet.data, packet.time_ns, packet.length_on_wire);
  return writer.finish();
}

}  // namespace skep::harness
