// Free units are bits under a lock; owners are an array that anybody may read.
#include "skep/jit/code_memory.hpp"

#include <array>
#include <atomic>
#include <bitset>
#include <cerrno>
#include <mutex>

#include <sys/mman.h>
#include <unistd.h>

#include "skep/base/fd.hpp"

namespace skep::jit {
namespace {

constexpr std::size_t kUnit = 256, kUnits = 1 << 20, kSize = kUnits * kUnit;  // 256 MiB of addresses

std::mutex lock;
std::bitset<kUnits> in_use;
std::uint32_t first_free = 0;  // no unit before it is free

std::array<std::atomic<const void*>, kUnits> owners{};
std::atomic<std::uintptr_t> code_begin = 0;

// Within 1 GiB of this library's code if there is room, anywhere otherwise.
std::byte* map_code(int fd) {
  constexpr std::uintptr_t kStep = std::uintptr_t{64} << 20;
  const auto here = reinterpret_cast<std::uintptr_t>(&map_code) & ~(kStep - 1);
  for (std::uintptr_t distance = 2 * kStep; distance <= 16 * kStep; distance += kStep) {
    for (const auto at : {here - distance - kSize, here + distance}) {
      void* const mapped = mmap(reinterpret_cast<void*>(at), kSize, PROT_READ | PROT_EXEC,
                                MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
      if (mapped == reinterpret_cast<void*>(at)) return static_cast<std::byte*>(mapped);
      if (mapped != MAP_FAILED) munmap(mapped, kSize);
    }
  }
  void* const mapped = mmap(nullptr, kSize, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
  return mapped == MAP_FAILED ? nullptr : static_cast<std::byte*>(mapped);
}

}  // namespace

CodeBlock::~CodeBlock() {
  if (memory_ != nullptr) memory_->release(unit_, units_);
}
std::byte* CodeBlock::writable() const { return memory_->writable_ + unit_ * kUnit; }
const std::byte* CodeBlock::code() const { return memory_->code_ + unit_ * kUnit; }
std::size_t CodeBlock::size() const { return units_ * kUnit; }

Result<CodeMemory*> CodeMemory::create() {
  const auto unable = [](const char* what) {
    const int error = errno;
    return std::unexpected(Error(Errc::not_supported, fmt::format("no memory for compiled code: {}", what), error));
  };
  const Fd fd(memfd_create("skep-jit", MFD_CLOEXEC));
  if (!fd) return unable("memfd_create");
  if (ftruncate(fd.get(), static_cast<off_t>(kSize)) != 0) return unable("ftruncate");
  void* const writable = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd.get(), 0);
  if (writable == MAP_FAILED) return unable("mmap");
  std::byte* const code = map_code(fd.get());
  if (code == nullptr) {
    const auto error = unable("mmap of executable pages");
    munmap(writable, kSize);
    return error;
  }
  code_begin.store(reinterpret_cast<std::uintptr_t>(code), std::memory_order_release);
  return new CodeMemory(static_cast<std::byte*>(writable), code);  // for the life of the process
}

Result<CodeMemory*> CodeMemory::get() {
  static const Result<CodeMemory*> memory = create();
  return memory;
}

Result<CodeBlock> CodeMemory::allocate(std::size_t size) {
  const std::size_t units = (size + kUnit - 1) / kUnit;
  const std::lock_guard guard(lock);
  std::size_t run = 0;
  while (first_free < kUnits && in_use[first_free]) ++first_free;
  for (std::size_t unit = first_free; unit < kUnits; ++unit) {
    run = in_use[unit] ? 0 : run + 1;
    if (run < units) continue;
    const std::size_t first = unit + 1 - units;
    for (std::size_t i = first; i <= unit; ++i) in_use[i] = true;
    CodeBlock block;
    block.memory_ = this;
    block.unit_ = static_cast<std::uint32_t>(first);
    block.units_ = static_cast<std::uint32_t>(units);
    return block;
  }
  return fail(Errc::not_supported, "compiled code takes {} bytes, and not so many are left of {} MiB", size,
              kSize >> 20);
}

void CodeMemory::release(std::uint32_t unit, std::uint32_t units) {
  for (std::uint32_t i = unit; i < unit + units; ++i) owners[i].store(nullptr, std::memory_order_release);
  // Memory is given back only where it is much: the rest will be used again soon.
  constexpr std::size_t kMuch = std::size_t{1} << 18, kSystemPage = 4096;
  const std::size_t begin = (unit * kUnit + kSystemPage - 1) / kSystemPage * kSystemPage;
  const std::size_t end = (unit + units) * kUnit / kSystemPage * kSystemPage;
  if (end > begin + kMuch) madvise(writable_ + begin, end - begin, MADV_REMOVE);
  const std::lock_guard guard(lock);
  for (std::uint32_t i = unit; i < unit + units; ++i) in_use[i] = false;
  if (unit < first_free) first_free = unit;
}

void CodeMemory::set_owner(const CodeBlock& block, const void* owner) {
  for (std::uint32_t i = block.unit_; i < block.unit_ + block.units_; ++i)
    owners[i].store(owner, std::memory_order_release);
}

const void* CodeMemory::owner_of(std::uintptr_t pc) {
  const auto begin = code_begin.load(std::memory_order_acquire);
  if (begin == 0 || pc < begin || pc - begin >= kSize) return nullptr;
  return owners[(pc - begin) / kUnit].load(std::memory_order_acquire);
}

}  // namespace skep::jit
