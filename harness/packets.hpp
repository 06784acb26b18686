// Packets from and to files: pcap and pcapng through libpcap, or the bytes of a file as one packet.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "skep/base/bytes.hpp"

namespace skep::harness {

// What a packet begins with.
enum class LinkType : std::uint8_t { ethernet, raw_ip };
// "Ethernet", "raw IP"
std::string_view to_string(LinkType link);

struct PacketRecord {
  std::vector<std::byte> data;       // what was captured
  std::uint64_t time_ns = 0;         // since 1970
  std::uint32_t length_on_wire = 0;  // more than data.size() in a capture with a short snap length

  bool operator==(const PacketRecord&) const = default;
};

struct PacketList {
  LinkType link = LinkType::ethernet;
  std::vector<PacketRecord> packets;

  bool operator==(const PacketList&) const = default;
};

// One packet of these bytes.
PacketList single_packet(Bytes data);
// 64 bytes of Ethernet, IPv4 and TCP (a SYN from 192.0.2.1:49152 to 192.0.2.2:80, checksums right): what a
// packet program runs on when nobody gives it a packet.
PacketList default_packet();

// Reads a capture ("-": standard input), pcap or pcapng, Ethernet or raw IP. A packet of which only a part was
// captured is that part. Errors: os (the file), malformed (file, packet number and libpcap's reason),
// not_supported (another link type, named).
Result<PacketList> read_pcap(const std::string& path);

// A pcap file with nanosecond times, written whole or not at all ("-": standard output).
class PcapWriter {
 public:
  // Errors: os.
  static Result<PcapWriter> create(std::string path, LinkType link);
  PcapWriter(PcapWriter&&) noexcept;
  PcapWriter& operator=(PcapWriter&&) noexcept;
  ~PcapWriter();

  // `length_on_wire`: 0 or less than the data has: the size of the data.
  void add(Bytes data, std::uint64_t time_ns, std::uint32_t length_on_wire = 0);
  // Writes the file. Errors: os.
  Result<> finish();

 private:
  struct Stream;
  explicit PcapWriter(std::unique_ptr<Stream> stream);
  std::unique_ptr<Stream> stream_;
};

// All of a list. Errors: os.
Result<> write_pcap(const std::string& path, const PacketList& list);

}  // namespace skep::harness
