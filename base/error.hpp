// Errors as values: a code to branch on, an errno where there was one, and a chain to read, outermost
// first ("load lb.o: section "xdp": relocation 3: symbol "foo" undefined"). Each level adds only what
// it alone knows. Libraries never print; a bug is an assert, bad input is a Result.
//
// The whole vocabulary: Result<T>, fail(), SKEP_TRY(expr) and SKEP_TRY_CTX(expr, "context {}", x).
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace skep {

enum class Errc : std::uint8_t {
  malformed,      // the bytes are wrong
  invalid,        // the caller asked for something that makes no sense (a bad option or argument)
  not_found,      // a name or file that is not there
  not_supported,  // the target lacks it and the input is fine
  permission,     // not allowed to
  rejected,       // a verifier or validator said no
  fault,          // the guest program did it
  os,             // a system call failed, see sys()
};

// Two pointers wide (shared, immutable). Copyable; comparing compares code, errno and text.
class Error {
 public:
  Error(Errc code, std::string what, int sys = 0)
      : state_(std::make_shared<const State>(State{code, sys, std::move(what)})) {}

  Errc code() const noexcept { return state_->code; }
  // The errno behind it, 0 if there was none.
  int sys() const noexcept { return state_->sys; }
  // The whole chain, outermost first.
  const std::string& what() const noexcept { return state_->what; }

  // The same error with one more level in front.
  template <class... Args>
  Error context(fmt::format_string<Args...> format, Args&&... args) const {
    return Error(code(), fmt::format(format, std::forward<Args>(args)...) + ": " + what(), sys());
  }

  friend bool operator==(const Error& a, const Error& b) {
    return a.code() == b.code() && a.sys() == b.sys() && a.what() == b.what();
  }

 private:
  struct State {
    Errc code;
    int sys;
    std::string what;
  };
  std::shared_ptr<const State> state_;
};

template <class T = void>
using Result = std::expected<T, Error>;

// "No such file or directory (errno 2)"
std::string errno_text(int sys);

template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error(code, fmt::format(format, std::forward<Args>(args)...)));
}

// A failed system call: errno and its text are added to the message.
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail_errno(int sys, fmt::format_string<Args...> format, Args&&... args) {
  const auto text = fmt::format(format, std::forward<Args>(args)...);
  return std::unexpected(Error(Errc::os, text + ": " + errno_text(sys), sys));
}

namespace detail {
template <class T>
T take(Result<T>& result) {
  return std::move(*result);
}
inline void take(Result<void>&) {}
}  // namespace detail

}  // namespace skep

// Evaluates to the value of a Result, or returns its error from the enclosing function.
#define SKEP_TRY(...)                                                              \
  __extension__({                                                                  \
    auto skep_result_ = (__VA_ARGS__);                                             \
    if (!skep_result_) return std::unexpected(std::move(skep_result_).error());    \
    ::skep::detail::take(skep_result_);                                            \
  })

// The same, with one level of context added to the error: SKEP_TRY_CTX(read(f), "open {}", f).
#define SKEP_TRY_CTX(expr, ...)                                                    \
  __extension__({                                                                  \
    auto skep_result_ = (expr);                                                    \
    if (!skep_result_) return std::unexpected(skep_result_.error().context(__VA_ARGS__)); \
    ::skep::detail::take(skep_result_);                                            \
  })
