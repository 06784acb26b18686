// bpf_trace_printk, bpf_trace_vprintk, bpf_snprintf.
#include <algorithm>
#include <cstring>

#include "skep/vm/helpers/format.hpp"
#include "skep/vm/helpers/support.hpp"
#include "skep/vm/machine.hpp"

namespace skep::vm {
namespace {

using U = std::uint64_t;

constexpr std::size_t kMaxLine = 1024 - 1;     // MAX_BPRINTF_BUF with its NUL
constexpr U kMaxArguments = 12;                // MAX_BPRINTF_VARARGS
constexpr std::size_t kMaxFormat = 64 * 1024;  // of ours: the kernel's limit is the map that holds the string

// A format with its size, ended by a NUL; -EINVAL if it has none.
std::int64_t print(Cpu& cpu, std::string_view name, U format_address, U size, std::span<const U> arguments) {
  helper::Buffer buffer;
  if (!buffer.read(cpu, name, format_address, low(size))) return 0;
  const std::string_view bytes = as_text(buffer.bytes());
  const std::size_t end = bytes.find('\0');
  if (end == std::string_view::npos) return -kEINVAL;
  std::string line;
  const std::int64_t length = format(cpu, bytes.substr(0, end), arguments, kMaxLine, line);
  if (length < 0) return length;
  if (line.ends_with('\n')) line.pop_back();
  // Nobody reads the trace as fast as a program can write it: what is too much is lost, as in the kernel's.
  if (cpu.outcome().take_room(line.size())) cpu.outcome().printk.push_back(std::move(line));
  else ++cpu.outcome().printk_lost;
  return length;
}

U trace_printk(U format_address, U size, U a, U b, U c, Cpu& cpu) {
  const U arguments[] = {a, b, c};
  return answer(print(cpu, "trace_printk", format_address, size, arguments));
}

// The arguments of a helper that takes them in memory.
class Arguments {
 public:
  // 0, or -EINVAL; check cpu.stopped() for a fault.
  int take(Cpu& cpu, std::string_view name, U address, U size) {
    if (size % 8 != 0 || size > kMaxArguments * 8 || (size != 0 && address == 0)) return -kEINVAL;
    count_ = size / 8;
    helper::read(cpu, name, address, values_, size);
    return 0;
  }
  std::span<const U> values() const { return {values_, count_}; }

 private:
  U values_[kMaxArguments]{};
  std::size_t count_ = 0;
};

U trace_vprintk(U format_address, U size, U data, U data_size, U, Cpu& cpu) {
  Arguments arguments;
  if (const int wrong = arguments.take(cpu, "trace_vprintk", data, low(data_size)); wrong != 0) return answer(wrong);
  if (cpu.stopped()) return 0;
  return answer(print(cpu, "trace_vprintk", format_address, size, arguments.values()));
}

// A string that the verifier knows to be constant and ended.
bool read_text(Cpu& cpu, std::string_view name, U address, std::string& text) {
  char piece[256];
  while (text.size() < kMaxFormat) {
    const std::size_t count = cpu.machine().memory().copy_string(piece, address + text.size(), sizeof piece);
    cpu.charge(count / 8);
    text.append(piece, count);
    if (text.ends_with('\0')) {
      text.pop_back();
      return true;
    }
    if (count < sizeof piece) break;
  }
  helper::bad_argument(cpu, name, "no string with an end", address);
  return false;
}

// The length with the NUL, of the whole text even if it was cut.
U snprintf(U to, U size, U format_address, U data, U data_size, Cpu& cpu) {
  Arguments arguments;
  if (const int wrong = arguments.take(cpu, "snprintf", data, low(data_size)); wrong != 0) return answer(wrong);
  std::string text_format, text;
  if (cpu.stopped() || !read_text(cpu, "snprintf", format_address, text_format)) return 0;
  const std::size_t room = std::min(std::size_t{low(size)}, helper::kMaxCopy);
  const std::int64_t length = format(cpu, text_format, arguments.values(), room, text);
  if (length < 0) return answer(length);
  if (room != 0) {
    text.resize(std::min(text.size(), room - 1));
    helper::write(cpu, "snprintf", to, text.c_str(), text.size() + 1);
  }
  return answer(length + 1);
}

}  // namespace

void register_trace_helpers(HelperTable& table) {
  table.set(6, trace_printk);
  table.set(165, snprintf);
  table.set(177, trace_vprintk);
}

}  // namespace skep::vm
