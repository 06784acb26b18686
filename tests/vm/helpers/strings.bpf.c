// flags: -idirafter /usr/include/x86_64-linux-gnu
// Text: numbers from strings, comparison, and the formatter behind snprintf and printk.
#include "answers.bpf.h"

#define TO_LONG(slot, string, size, flags)                  \
  do {                                                      \
    long number = 77;                                       \
    static const char s[] = string;                         \
    ANSWER(slot, bpf_strtol(s, size, flags, &number));      \
    out[(slot) + 1] = (__u64)number;                        \
  } while (0)
#define TO_UNSIGNED(slot, string, size, flags)              \
  do {                                                      \
    unsigned long number = 77;                              \
    static const char s[] = string;                         \
    ANSWER(slot, bpf_strtoul(s, size, flags, &number));     \
    out[(slot) + 1] = number;                               \
  } while (0)

SEC("tc") int to_long(struct __sk_buff* skb) {
  TO_LONG(0, "  -12abc", 8, 0);
  TO_LONG(2, "0x1fg", 5, 0);
  TO_LONG(4, "0x1f", 4, 16);
  TO_LONG(6, "1f", 2, 16);
  TO_LONG(8, "0777", 4, 0);
  TO_LONG(10, "0888", 4, 0);
  TO_LONG(12, "777", 3, 8);
  TO_LONG(14, "-9223372036854775808", 20, 10);
  TO_LONG(16, "-9223372036854775809", 20, 10);
  TO_LONG(18, "9223372036854775807", 19, 10);
  TO_LONG(20, "9223372036854775808", 19, 10);
  TO_LONG(22, "abc", 3, 10);
  TO_LONG(24, "", 1, 10);
  TO_LONG(26, "12", 2, 7);
  TO_LONG(28, "12", 2, 32 + 10);
  TO_LONG(30, "+12", 3, 10);
  TO_LONG(32, "- 12", 4, 10);
  TO_LONG(34, "--12", 4, 10);
  TO_LONG(36, "99999999999999999999999999", 26, 10);
  TO_LONG(38, "\t\n 5", 4, 10);
  TO_LONG(40, "0x", 2, 0);
  TO_LONG(42, "0x", 2, 16);
  TO_LONG(44, "-", 1, 10);
  TO_LONG(46, "12345", 3, 10);
  TO_LONG(48, "12\0345", 6, 10);
  TO_LONG(50, "0000000000000000000000000000000000000000000000000000000000000000001", 67, 10);
  TO_LONG(52, "                                                               5", 64, 10);
  TO_LONG(54, "                                                              57", 64, 10);
  TO_LONG(56, "0X1F", 4, 0);
  TO_LONG(58, "-0x10", 5, 0);
  TO_LONG(60, "0b1", 3, 0);
  return 0;
}

SEC("tc") int to_unsigned(struct __sk_buff* skb) {
  TO_UNSIGNED(0, "  12abc", 7, 0);
  TO_UNSIGNED(2, "-1", 2, 0);
  TO_UNSIGNED(4, "18446744073709551615", 20, 10);
  TO_UNSIGNED(6, "18446744073709551616", 20, 10);
  TO_UNSIGNED(8, "ffffffffffffffff", 16, 16);
  TO_UNSIGNED(10, "10000000000000000", 17, 16);
  TO_UNSIGNED(12, "1777777777777777777777", 22, 8);
  TO_UNSIGNED(14, "x", 1, 10);
  TO_UNSIGNED(16, "5", 1, 3);
  TO_UNSIGNED(18, "  -1", 4, 0);
  TO_UNSIGNED(20, "  ", 2, 0);
  TO_UNSIGNED(22, "99999999999999999999999999x", 27, 10);
  TO_UNSIGNED(24, "0", 1, 0);
  TO_UNSIGNED(26, "08", 2, 0);
  TO_UNSIGNED(28, "\v\f\r\xa0" "5", 5, 0);
  return 0;
}

static const char abc[] = "abc", abd[] = "abd", abcd[] = "abcd", empty[] = "";

SEC("tc") int compare(struct __sk_buff* skb) {
  char high[4] = {(char)0xff, 0, 0, 0}, low[4] = {1, 0, 0, 0};
  ANSWER(0, bpf_strncmp("abc", 3, abd));
  ANSWER(1, bpf_strncmp("abd", 3, abc));
  ANSWER(2, bpf_strncmp("abc", 3, abcd));
  ANSWER(3, bpf_strncmp("abc", 4, abcd));
  ANSWER(4, bpf_strncmp("abcd", 4, abc));
  ANSWER(5, bpf_strncmp("abc", 4, abc));
  ANSWER(6, bpf_strncmp("", 1, empty));
  static const char one[] = "\001";
  ANSWER(7, bpf_strncmp(high, 4, one));
  ANSWER(8, bpf_strncmp(low, 4, abc));
  ANSWER(9, bpf_strncmp("abc\0x", 5, abc));
  return 0;
}

static const char word[] = "word", ipv6_text[] = "0123456789abcdef";
static const char ipv6_shortest[] = {0x20, 1, 13, (char)0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

// A pointer that is made when the program runs (clang would put the array into .rodata, unrelocated).
#define POINTER(p)                       \
  ({                                     \
    const void* pointer = (p);           \
    asm volatile("" : "+r"(pointer));    \
    (long)pointer;                       \
  })

#define FORMAT_AT(slot, offset, size, format, ...)                              \
  do {                                                                         \
    static const char f[] = format;                                            \
    __u64 arguments[] = {__VA_ARGS__};                                         \
    ANSWER(slot, bpf_snprintf(text + (offset), size, f, arguments, sizeof arguments)); \
  } while (0)
#define FORMAT(slot, format, ...) FORMAT_AT(slot, 0, 128, format, __VA_ARGS__)

#define FORMAT_CASE(name, format, ...)         \
  SEC("tc") int name(struct __sk_buff* skb) {  \
    FORMAT(0, format, __VA_ARGS__);            \
    return 0;                                  \
  }


FORMAT_CASE(format_integers, "%d %i %u %x %X %c|", 0xffffffff, 5, 0xffffffffffffffff, 0xabc, 0xabc, 'q')
FORMAT_CASE(format_longs, "%ld %lld %lu %llu %lx %llX", -1, -2, -3, -4, -5, -6)
FORMAT_CASE(format_widths, "[%5d] [%-5d] [%05d] [%+d] [% d]", 42, 42, 42, 42, 42)
FORMAT_CASE(format_widths2, "[%+5d] [%-+5d] [%+05d] [%8lx] [%-8lx] [%08lX]", 42, -42, 42, 42, 42, 42)
FORMAT_CASE(format_string, "%s|%s|%s", POINTER(word), POINTER(empty), POINTER(word))
FORMAT_CASE(format_string_width, "[%8s] [%-8s] [%2s]", POINTER(word), POINTER(word), POINTER(word))
FORMAT_CASE(format_percent, "100%% %d%%", 5)
FORMAT_CASE(format_char_width, "[%3c] [%-3c]", 'a', 'b')
FORMAT_CASE(format_bad_null_string, "%s", 0)
FORMAT_CASE(format_user_null_string, "[%pus] [%pks]", 0, 0)
FORMAT_CASE(format_kernel_string, "[%pks] [%10pks]", POINTER(word), POINTER(word))
FORMAT_CASE(format_null_pointer, "[%p] [%px] [%pK] [%20px]", 0, 0x1234, 0, 0x1234)
FORMAT_CASE(format_ipv4, "%pi4 %pI4 %d", POINTER(word), POINTER(word), 1)
FORMAT_CASE(format_ipv6, "%pi6 %pI6", POINTER(ipv6_text), POINTER(ipv6_text))
FORMAT_CASE(format_octal, "%d %X %lx", 8, 8, 9)
FORMAT_CASE(format_wide, "[%200d]", 5)
FORMAT_CASE(format_zero_minus, "[%-05d] [%0-5d] [% 5d] [% 5x]", 5, 5, 5, 5)
FORMAT_CASE(format_negative_hex, "%x %lx %X", -1, -1, -255)
FORMAT_CASE(format_zeros, "%x %lx %+d %+u", 0, 0, 0, 0)
FORMAT_CASE(format_space_plus, "[% +d] [%+ d] [% u] [%+x]", 1, 2, 3, 4)
FORMAT_CASE(format_wide_left, "[%-300d] [%0150d]", 10, 11)
FORMAT_CASE(format_zero_string, "[%08s] [%05c]", POINTER(word), 'x')

SEC("tc") int format_into_little(struct __sk_buff* skb) {
  FORMAT_AT(0, 0, 8, "%s %s-12", POINTER(word), POINTER(word));
  FORMAT_AT(4, 64, 4, "%s %pks", POINTER(word), POINTER(word));
  FORMAT_AT(1, 16, 1, "%d", 42);
  FORMAT_AT(2, 32, 3, "%d", 42);
  FORMAT_AT(3, 48, 2, "%d", 42);
  return 0;
}

FORMAT_CASE(format_pointer_tails, "[%pxyz] [%pks]", 0x12, POINTER(word))
FORMAT_CASE(format_ipv6_addresses, "%pI6 %pi6", POINTER(ipv6_shortest), POINTER(ipv6_shortest))
FORMAT_CASE(format_text_of_high_bytes, "\xc3\xa4 %d", 5)

SEC("tc") int format_too_many_arguments(struct __sk_buff* skb) {
  FORMAT(0, "%d", 1, 2);
  return 0;
}

SEC("tc") int format_nothing(struct __sk_buff* skb) {
  static const char f[] = "plain \x41", nothing[] = "";
  ANSWER(0, bpf_snprintf(text, sizeof text, f, 0, 0));
  ANSWER(1, bpf_snprintf(text + 32, 16, nothing, 0, 0));
  ANSWER(2, bpf_snprintf(text + 48, 0, f, 0, 0));
  ANSWER(3, bpf_snprintf(0, 0, f, 0, 0));
  return 0;
}

#define PRINTK(slot, format, ...)                                                 \
  do {                                                                            \
    char f[] = format;                                                            \
    ANSWER(slot, bpf_trace_printk(f, sizeof f, ##__VA_ARGS__));                   \
  } while (0)

SEC("tc") int printk(struct __sk_buff* skb) {
  PRINTK(0, "plain");
  PRINTK(1, "newline\n");
  PRINTK(2, "%d %x %s", -5, 255, word);
  PRINTK(3, "%d %d %d", 1, 2, 3);
  PRINTK(4, "%d %d %d %d", 1, 2, 3);
  PRINTK(5, "%q", 1);
  PRINTK(6, "%");
  PRINTK(7, "%n", 1);
  PRINTK(8, "%.3d", 1);
  PRINTK(9, "%hd", 1);
  PRINTK(10, "%llld", 1L);
  PRINTK(11, "%pzz", 1L);
  PRINTK(12, "bad \xff byte");
  PRINTK(13, "bell \a");
  PRINTK(14, "");
  PRINTK(15, "%5");
  PRINTK(16, "tab\tand\rreturn");
  PRINTK(17, "%s\n", word);
  PRINTK(18, "%c%c%c", 'a', 'b', 'c');
  PRINTK(19, "%l", 1L);
  PRINTK(20, "%o", 1L);
  PRINTK(21, "%p4", 1L);
  PRINTK(22, "%pi5", word);
  PRINTK(23, "%d%", 1);
  PRINTK(24, "%99d", 1);
  PRINTK(25, "two\nlines\n");
  PRINTK(26, "%pB %ps", 1, 2);
  PRINTK(27, "%sx", word);
  PRINTK(28, "%s-%d", word, 5);
  PRINTK(29, "%px%d", 1, 5);
  PRINTK(30, "%pi4", word);
  PRINTK(31, "%pi4x", word);
  PRINTK(32, "%psx", 0);
  PRINTK(33, "%pKd", 0);
  PRINTK(34, "%p-", 0);
  PRINTK(35, "%p!", 0);
  PRINTK(36, "%ds", 1);
  PRINTK(37, "%c.", 'q');
  PRINTK(38, "%i %X %u", 1, 2, 3);
  PRINTK(39, "%zd", 1);
  PRINTK(40, "%jd", 1);
  PRINTK(41, "%*d", 1, 2);
  PRINTK(42, "%0000d", 1);
  PRINTK(43, "%lx %lu", 1L, 2L);
  PRINTK(44, "%ls", word);
  PRINTK(45, "%lp", word);
  PRINTK(46, "%lc", 'a');
  PRINTK(47, "%llx", 1L);
  PRINTK(48, "%pI6", word);
  PRINTK(49, "%s", (char*)1);
  PRINTK(50, "%s", (char*)0);
  PRINTK(51, "%2000d", 1);
  return 0;
}

SEC("tc") int printk_sizes(struct __sk_buff* skb) {
  char f[] = "abc%d";
  ANSWER(0, bpf_trace_printk(f, 3));
  ANSWER(1, bpf_trace_printk(f, 6, 5));
  ANSWER(2, bpf_trace_printk(f, 5, 5));
  ANSWER(3, bpf_trace_printk(f, 1));
  return 0;
}

#define VPRINTK(slot, format, ...)                                                   \
  do {                                                                               \
    static const char f[] = format;                                                  \
    __u64 arguments[] = {__VA_ARGS__};                                               \
    ANSWER(slot, bpf_trace_vprintk(f, sizeof f, arguments, sizeof arguments));       \
  } while (0)

SEC("tc") int vprintk(struct __sk_buff* skb) {
  static const char plain[] = "plain";
  VPRINTK(0, "%d %d %d %d", 1, 2, 3, 4);
  VPRINTK(1, "%d", 1, 2);
  VPRINTK(2, "%d %d", 1);
  ANSWER(3, bpf_trace_vprintk(plain, sizeof plain, 0, 0));
  __u64 arguments[13] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
  static const char twelve[] = "%d%d%d%d%d%d%d%d%d%d%d%d", thirteen[] = "%d%d%d%d%d%d%d%d%d%d%d%d%d";
  ANSWER(4, bpf_trace_vprintk(twelve, sizeof twelve, arguments, 96));
  ANSWER(5, bpf_trace_vprintk(thirteen, sizeof thirteen, arguments, 104));
  static const char one[] = "%d";
  ANSWER(6, bpf_trace_vprintk(one, sizeof one, arguments, 4));
  ANSWER(7, bpf_trace_vprintk(one, sizeof one, arguments, 8));
  return 0;
}

static const char hundred[] =
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";

// Copies of arguments share 512 bytes.
SEC("tc") int vprintk_room(struct __sk_buff* skb) {
  static const char f[] = "%s%%%s%%%s%%%s%%%s%%%s", g[] = "%s%%%s%%%s%%%s%%%s%%%s%d", h[] = "%s%%%s%%%s%%%s%%%s%%%s%c",
                    i[] = "%s%%%s%%%s%%%s%%%s%%%s%%%s";
  long s = POINTER(hundred);
  __u64 arguments[7] = {s, s, s, s, s, s, s};
  ANSWER(0, bpf_trace_vprintk(f, sizeof f, arguments, 48));
  ANSWER(1, bpf_trace_vprintk(g, sizeof g, arguments, 56));
  ANSWER(2, bpf_trace_vprintk(h, sizeof h, arguments, 56));
  ANSWER(3, bpf_trace_vprintk(i, sizeof i, arguments, 56));
  return 0;
}
