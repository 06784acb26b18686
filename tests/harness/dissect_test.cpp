#include "skep/harness/dissect.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace skep::harness {
namespace {

using Frame = std::vector<std::byte>;

Frame syn() { return default_packet().packets[0].data; }
void put(Frame& frame, std::size_t at, std::string_view hex) {
  std::ranges::copy(*from_hex(hex), frame.begin() + static_cast<std::ptrdiff_t>(at));
}
void insert(Frame& frame, std::size_t at, std::string_view hex) {
  const auto bytes = *from_hex(hex);
  frame.insert(frame.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin(), bytes.end());
}
std::string change(const Frame& after) { return describe_change(syn(), after, LinkType::ethernet); }

std::string layers(std::string_view hex, LinkType link = LinkType::ethernet) {
  const auto frame = *from_hex(hex);
  std::string text;
  for (const auto& layer : dissect(frame, link)) text += summary(layer) + " ";
  return text;
}

TEST(Dissect, KnowsTheCommonHeaders) {
  EXPECT_EQ(layers("ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202"),
            "eth(02:00:00:00:00:01 → ff:ff:ff:ff:ff:ff) arp(192.0.2.1 → 192.0.2.2) ");
  EXPECT_EQ(
      layers("020000000002 020000000001 8100 0064 86dd 60000000 0008 11 40"
             "20010db8000000000000000000000001 20010db8000000000000000000000002 0035 1000 0008 0000"),
      "eth(02:00:00:00:00:01 → 02:00:00:00:00:02) vlan(100) ipv6(2001:db8::1 → 2001:db8::2, udp) udp(53 → 4096) ");
  EXPECT_EQ(layers("4500001c 00000000 40010000 c0000201 c0000202 0800 f7ff 00000000", LinkType::raw_ip),
            "ipv4(192.0.2.1 → 192.0.2.2, icmp) icmp(8/0) ");
  EXPECT_EQ(layers("4500001c 00000010 40110000 c0000201 c0000202 0800 f7ff 00000000", LinkType::raw_ip),
            "ipv4(192.0.2.1 → 192.0.2.2, udp) data(8 B) ") << "a later fragment";
}

TEST(Dissect, WhatIsCutOffIsData) {
  const Frame frame = syn();
  for (std::size_t size = 0; size <= frame.size(); size++) {
    std::size_t total = 0;
    for (const auto& layer : dissect(Bytes(frame).first(size), LinkType::ethernet)) total += layer.bytes.size();
    EXPECT_EQ(total, size);
    dissect(Bytes(frame).last(size), LinkType::raw_ip);
  }
  EXPECT_EQ(layers("ff"), "data(1 B) ");
  EXPECT_EQ(layers(""), "");
}

TEST(DescribeChange, NothingChanged) { EXPECT_EQ(change(syn()), ""); }

TEST(DescribeChange, Fields) {
  auto frame = syn();
  put(frame, 0, "deadbeef0001");
  put(frame, 22, "3f");    // ttl
  put(frame, 47, "12");    // flags
  put(frame, 60, "0102");  // payload
  EXPECT_EQ(change(frame),
            "eth.dst 02:00:00:00:00:02→de:ad:be:ef:00:01; ipv4.ttl 64→63; tcp.flags S→SA; data 2 bytes from +6");
}

TEST(DescribeChange, AnOuterHeaderIsAdded) {
  auto frame = syn();
  insert(frame, 14, "4500 0046 0000 0000 40 04 0000 ac106401 0a000003");
  EXPECT_EQ(change(frame), "64→84 B: +ipv4(172.16.100.1 → 10.0.0.3, ipip)");
  EXPECT_EQ(describe_change(frame, syn(), LinkType::ethernet), "84→64 B: -ipv4(172.16.100.1 → 10.0.0.3, ipip)");
}

TEST(DescribeChange, TagsAndPayloadSizes) {
  auto frame = syn();
  insert(frame, 12, "8100 0064");
  EXPECT_EQ(change(frame), "64→68 B: +vlan(100); eth.type ipv4→vlan");
  frame = syn();
  frame.resize(60);
  EXPECT_EQ(change(frame), "64→60 B: data 10→6 B");
}

}  // namespace
}  // namespace skep::harness
