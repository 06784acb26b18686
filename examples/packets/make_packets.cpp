// make_packets FILE.pcap: writes the demo's packets as a classic pcap (microseconds, Ethernet, little
// endian), one millisecond apart, and lists them on standard output. The same bytes on every machine.
#include <cstdio>
#include <fstream>

#include "demo.hpp"

namespace {

void put_little(std::string& to, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++) to.push_back(static_cast<char>(value >> 8 * i));
}

std::string pcap(const std::vector<examples::NamedPacket>& packets) {
  constexpr std::uint32_t start = 1'700'000'000;  // 14 November 2023
  std::string file;
  put_little(file, 0xa1b2c3d4, 4);
  put_little(file, 2, 2);  // version 2.4
  put_little(file, 4, 2);
  put_little(file, 0, 8);      // time zone, accuracy: always 0
  put_little(file, 65535, 4);  // longest packet
  put_little(file, 1, 4);      // LINKTYPE_ETHERNET
  std::uint64_t micros = 0;
  for (const auto& [name, packet] : packets) {
    put_little(file, start + micros / 1'000'000, 4);
    put_little(file, micros % 1'000'000, 4);
    put_little(file, packet.size(), 4);
    put_little(file, packet.size(), 4);
    file.append(reinterpret_cast<const char*>(packet.data()), packet.size());
    micros += 1000;
  }
  return file;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || argv[1][0] == '-') {
    std::fputs("usage: make_packets FILE.pcap\n", stderr);
    return 2;
  }
  const auto packets = examples::demo_packets();
  const auto bytes = pcap(packets);
  std::ofstream file(argv[1], std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) {
    std::fprintf(stderr, "make_packets: cannot write %s\n", argv[1]);
    return 3;
  }
  for (std::size_t i = 0; i < packets.size(); i++)
    std::printf("%3zu  %4zu  %s\n", i + 1, packets[i].packet.size(), packets[i].name.c_str());
}
