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

Result<> write_pcap(const std::string& path, const PacketList& list) {
  char* buffer = nullptr;
  std::size_t size = 0;
  FILE* stream = open_memstream(&buffer, &size);
  if (stream == nullptr) return fail_errno(errno, "{}: memory stream", path);
  const Capture capture(
      pcap_open_dead_with_tstamp_precision(list.link == LinkType::ethernet ? DLT_EN10MB : DLT_RAW, kSnapLength,
                                           PCAP_TSTAMP_PRECISION_NANO),
      pcap_close);
  pcap_dumper_t* dumper = capture ? pcap_dump_fopen(capture.get(), stream) : nullptr;
  if (dumper == nullptr) {
    std::fclose(stream);
    std::free(buffer);
    return fail(Errc::os, "{}: libpcap cannot write", path);
  }
  for (const auto& packet : list.packets) {
    pcap_pkthdr header{};
    header.ts.tv_sec = static_cast<time_t>(packet.time_ns / 1'000'000'000);
    header.ts.tv_usec = static_cast<suseconds_t>(packet.time_ns % 1'000'000'000);
    header.caplen = static_cast<bpf_u_int32>(packet.data.size());
    header.len = std::max(packet.length_on_wire, header.caplen);
    pcap_dump(reinterpret_cast<u_char*>(dumper), &header, reinterpret_cast<const u_char*>(packet.data.data()));
  }
  pcap_dump_close(dumper);  // closes the stream, which makes buffer and size final
  const std::unique_ptr<char, decltype(&std::free)> owned(buffer, std::free);
  return write_file(path, std::as_bytes(std::span(buffer, size)));
}

}  // namespace skep::harness
