/* Kernel types and packet headers for the programs in this folder.
 *
 * On Debian and Ubuntu <asm/types.h> lies in a folder of its own (/usr/include/x86_64-linux-gnu), which
 * `clang -target bpf` does not search. A plain #include <linux/bpf.h> fails there, and so does every
 * header that needs <asm/byteorder.h>: <linux/ip.h>, <linux/tcp.h>, <linux/in.h>. This file lets the
 * programs compile with and without -I/usr/include/x86_64-linux-gnu, to the same code: it brings the
 * fixed-width types where they cannot be found, and its own layout of the headers that cannot be used
 * (RFC 791, 8200, 9293, 768, 792), with whole bytes in place of bit fields.
 */
#pragma once

#if __has_include(<asm/types.h>)
#include <linux/types.h>
#else
#define _LINUX_TYPES_H /* <linux/types.h> would include <asm/types.h> */
typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __le16, __be16, __sum16;
typedef __u32 __le32, __be32, __wsum;
typedef __u64 __le64, __be64;
#define __aligned_u64 __u64 __attribute__((aligned(8)))
#endif

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* IANA's protocol numbers, as <linux/in.h> has them. */
enum ip_protocol {
  IPPROTO_HOPOPTS = 0,
  IPPROTO_ICMP = 1,
  IPPROTO_IPIP = 4,
  IPPROTO_TCP = 6,
  IPPROTO_UDP = 17,
  IPPROTO_ROUTING = 43,
  IPPROTO_FRAGMENT = 44,
  IPPROTO_ICMPV6 = 58,
  IPPROTO_DSTOPTS = 60,
};

struct vlan_tag {
  __be16 tci;
  __be16 ethertype;
};

struct ipv4 {
  __u8 version_ihl; /* 4 bits version, 4 bits header length in words */
  __u8 tos;
  __be16 total_length;
  __be16 id;
  __be16 fragment; /* 3 bits of flags, 13 bits of offset in units of 8 bytes */
  __u8 ttl;
  __u8 protocol;
  __sum16 checksum;
  __u8 source[4];
  __u8 destination[4];
};
#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_FRAGMENT_OFFSET 0x1fff

struct ipv6 {
  __be32 version_class_flow;
  __be16 payload_length;
  __u8 next_header;
  __u8 hop_limit;
  __u8 source[16];
  __u8 destination[16];
};

/* How hop-by-hop options, routing and destination options begin. */
struct ipv6_extension {
  __u8 next_header;
  __u8 length; /* in units of 8 bytes, the first 8 not counted */
};

struct ipv6_fragment {
  __u8 next_header;
  __u8 reserved;
  __be16 offset; /* 13 bits of offset in units of 8 bytes, 2 reserved, 1 "more" */
  __be32 id;
};

/* How TCP, UDP, SCTP and UDP-Lite begin. */
struct ports {
  __be16 source;
  __be16 destination;
};

struct tcp {
  __be16 source;
  __be16 destination;
  __be32 sequence;
  __be32 acknowledgment;
  __u8 offset; /* upper 4 bits: header length in words */
  __u8 flags;
  __be16 window;
  __sum16 checksum;
  __be16 urgent;
};
enum tcp_flag { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

struct udp {
  __be16 source;
  __be16 destination;
  __be16 length;
  __sum16 checksum;
};

struct icmp {
  __u8 type;
  __u8 code;
  __sum16 checksum;
  __be16 id; /* of echo and its reply */
  __be16 sequence;
};
