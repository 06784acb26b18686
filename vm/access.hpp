// The one primitive through which the interpreter and the helpers touch guest memory. Each access is a
// piece of inline assembly with an entry in an exception table (section skep_extable: place of the
// instruction, place to continue, both relative): when the access faults, vm/fault_handler.cpp continues at
// the second place and the function here answers false. A compiler moves plain loads and stores
// around, so that the pc of one proves nothing; it cannot move these apart from their entry.
//
// `at` is a host address: Memory::base() plus a 32-bit guest address, nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace skep::vm::access {

// "a?": a member of the same section group as the code, so that both are dropped together when the
// linker keeps another copy of an inline function.
#define SKEP_EXCEPTION_ENTRY                     \
  ".pushsection skep_extable,\"a?\",@progbits\n" \
  ".balign 4\n"                                  \
  ".long 1b - .\n"                               \
  ".long %l[fault] - .\n"                        \
  ".popsection\n"
#define SKEP_ACCESS [[gnu::always_inline, nodiscard]] inline

// Bytes of any type at any alignment, as an operand of assembly.
template <class T>
struct [[gnu::packed, gnu::may_alias]] Place {
  T value;
};
template <class T>
[[gnu::always_inline]] inline Place<T>& place(std::byte* at) {
  return *reinterpret_cast<Place<T>*>(at);
}

// Reads a T, zero-extended (or sign-extended if T is signed) to 64 bits.
template <class T>
SKEP_ACCESS bool load(std::byte* at, std::uint64_t& value) {
#define SKEP_LOAD(instruction)                                                                                 \
  __asm__ volatile goto("1: " instruction "\n" SKEP_EXCEPTION_ENTRY                                            \
                        : [value] "=r"(loaded) : [place] "m"(place<T>(at)) : "memory" : fault)
  std::uint64_t loaded;
  if constexpr (std::is_same_v<T, std::uint8_t>) SKEP_LOAD("movzbl %[place], %k[value]");
  else if constexpr (std::is_same_v<T, std::uint16_t>) SKEP_LOAD("movzwl %[place], %k[value]");
  else if constexpr (std::is_same_v<T, std::uint32_t>) SKEP_LOAD("movl %[place], %k[value]");
  else if constexpr (std::is_same_v<T, std::uint64_t>) SKEP_LOAD("movq %[place], %[value]");
  else if constexpr (std::is_same_v<T, std::int8_t>) SKEP_LOAD("movsbq %[place], %[value]");
  else if constexpr (std::is_same_v<T, std::int16_t>) SKEP_LOAD("movswq %[place], %[value]");
  else {
    static_assert(std::is_same_v<T, std::int32_t>);
    SKEP_LOAD("movslq %[place], %[value]");
  }
#undef SKEP_LOAD
  value = loaded;
  return true;
fault:
  return false;
}

// Accesses without a result. The register's name gives the size.
#define SKEP_STORE_LIKE(name, instruction)                                                              \
  template <class T>                                                                                    \
  SKEP_ACCESS bool name(std::byte* at, T value) {                                                       \
    __asm__ volatile goto("1: " instruction " %[value], %[place]\n" SKEP_EXCEPTION_ENTRY                \
                          : : [value] "r"(value), [place] "m"(place<T>(at)) : "memory", "cc" : fault);  \
    return true;                                                                                        \
  fault:                                                                                                \
    return false;                                                                                       \
  }
SKEP_STORE_LIKE(store, "mov")
SKEP_STORE_LIKE(atomic_add, "lock add")
SKEP_STORE_LIKE(atomic_or, "lock or")
SKEP_STORE_LIKE(atomic_and, "lock and")
SKEP_STORE_LIKE(atomic_xor, "lock xor")
#undef SKEP_STORE_LIKE

// Accesses that leave the old contents in `value`.
#define SKEP_EXCHANGE_LIKE(name, instruction)                                                \
  template <class T>                                                                         \
  SKEP_ACCESS bool name(std::byte* at, T& value) {                                           \
    T exchanged = value;                                                                     \
    __asm__ volatile goto("1: " instruction " %[value], %[place]\n" SKEP_EXCEPTION_ENTRY     \
                          : [value] "+r"(exchanged) : [place] "m"(place<T>(at)) : "memory", "cc" : fault); \
    value = exchanged;                                                                       \
    return true;                                                                             \
  fault:                                                                                     \
    return false;                                                                            \
  }
SKEP_EXCHANGE_LIKE(atomic_fetch_add, "lock xadd")
SKEP_EXCHANGE_LIKE(atomic_exchange, "xchg")
#undef SKEP_EXCHANGE_LIKE

// Stores `desired` if the contents equal `expected`, which becomes what was there before.
template <class T>
SKEP_ACCESS bool atomic_compare_exchange(std::byte* at, T& expected, T desired) {
  T old = expected;
  __asm__ volatile goto("1: lock cmpxchg %[desired], %[place]\n" SKEP_EXCEPTION_ENTRY
                        : "+a"(old) : [desired] "r"(desired), [place] "m"(place<T>(at)) : "memory", "cc" : fault);
  expected = old;
  return true;
fault:
  return false;
}

// Replaces the contents by compute(contents), atomically; `old` becomes what was there before.
template <class T, class Compute>
SKEP_ACCESS bool atomic_update(std::byte* at, T& old, Compute compute) {
  std::uint64_t seen = 0;
  if (!load<T>(at, seen)) return false;
  for (;;) {
    const T expected = static_cast<T>(seen);
    T found = expected;
    if (!atomic_compare_exchange<T>(at, found, compute(expected))) return false;
    if (found == expected) {
      old = found;
      return true;
    }
    seen = found;
  }
}

// Copies bytes, one of the two places being guest memory. On false some may have been copied.
SKEP_ACCESS bool copy(std::byte* to, const std::byte* from, std::size_t size) {
  __asm__ volatile goto("1: rep movsb\n" SKEP_EXCEPTION_ENTRY : "+D"(to), "+S"(from), "+c"(size) : : "memory" : fault);
  return true;
fault:
  return false;
}

#undef SKEP_EXCEPTION_ENTRY
#undef SKEP_ACCESS

}  // namespace skep::vm::access
