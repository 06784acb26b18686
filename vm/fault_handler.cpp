// SIGSEGV and SIGBUS in guest accesses continue at the place that the exception table names. A signal is
// ours only if its pc is in the table and its address in guest memory; any other goes to whoever handled it before.
#include <ucontext.h>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "skep/vm/fault.hpp"
#include "skep/vm/reservations.hpp"

// The linker names the ends of a section whose name is an identifier.
struct SkepExceptionEntry {
  std::int32_t instruction, landing;  // each relative to its own address
};
extern "C" {
[[gnu::visibility("hidden")]] extern const SkepExceptionEntry __start_skep_extable[];
[[gnu::visibility("hidden")]] extern const SkepExceptionEntry __stop_skep_extable[];
}

namespace skep::vm {
namespace {

struct Entry {
  std::uintptr_t instruction = 0, landing = 0;
};

// Written once before the handler is installed, then only read.
struct HandlerState {
  std::vector<Entry> entries;  // sorted by instruction
  struct sigaction previous_segv {
  }, previous_bus{};
};
HandlerState* state = nullptr;
std::atomic<FaultHandler::CompiledCode> compiled_code = nullptr;

std::uintptr_t absolute(const std::int32_t& relative) {
  return reinterpret_cast<std::uintptr_t>(&relative) + static_cast<std::uintptr_t>(std::intptr_t{relative});
}

const Entry* find_entry(std::uintptr_t pc) {
  const auto& entries = state->entries;
  const auto found = std::lower_bound(entries.begin(), entries.end(), pc,
                                      [](const Entry& entry, std::uintptr_t at) { return entry.instruction < at; });
  return found != entries.end() && found->instruction == pc ? &*found : nullptr;
}

void chain(int signal, siginfo_t* info, void* context) {
  const struct sigaction& previous = signal == SIGBUS ? state->previous_bus : state->previous_segv;
  if ((previous.sa_flags & SA_SIGINFO) != 0 && previous.sa_sigaction != nullptr) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    // The default ends the process, with the right signal and core: at the instruction when it runs
    // again, or now if somebody sent the signal.
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    sigaction(signal, &standard, nullptr);
    if (info->si_code <= 0) std::raise(signal);
  }
}

void on_signal(int signal, siginfo_t* info, void* raw) {
  auto& pc = static_cast<ucontext_t*>(raw)->uc_mcontext.gregs[REG_RIP];
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  if (info->si_code > 0 && reservations::contains(address)) {
    if (const Entry* entry = find_entry(static_cast<std::uintptr_t>(pc))) {
      pc = static_cast<greg_t>(entry->landing);
      return;
    }
    const auto compiled = compiled_code.load(std::memory_order_acquire);
    if (compiled != nullptr && compiled(raw, address)) return;
  }
  chain(signal, info, raw);
}

Result<> install_once() {
  // Kept for the life of the process: a signal may come while static objects are destroyed.
  static HandlerState* const kept = new HandlerState;
  state = kept;
  for (const auto* entry = __start_skep_extable; entry != __stop_skep_extable; ++entry)
    state->entries.push_back({absolute(entry->instruction), absolute(entry->landing)});
  std::sort(state->entries.begin(), state->entries.end(),
            [](const Entry& a, const Entry& b) { return a.instruction < b.instruction; });

  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  // The previous handlers are known before ours can run.
  if (sigaction(SIGSEGV, nullptr, &state->previous_segv) != 0 ||
      sigaction(SIGBUS, nullptr, &state->previous_bus) != 0 || sigaction(SIGSEGV, &action, nullptr) != 0 ||
      sigaction(SIGBUS, &action, nullptr) != 0)
    return fail_errno(errno, "cannot handle faults of guest memory: sigaction");
  return {};
}

}  // namespace

void FaultHandler::set_compiled_code(CompiledCode handler) { compiled_code.store(handler, std::memory_order_release); }

Result<> FaultHandler::install() {
  static const Result<> installed = install_once();
  return installed;
}

}  // namespace skep::vm
