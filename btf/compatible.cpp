#include "skep/btf/compatible.hpp"

#include "skep/btf/core_detail.hpp"

namespace skep::btf {

Result<bool> types_compatible(const Btf& local, TypeId local_type, const Btf& target, TypeId target_type) {
  constexpr std::uint64_t kSteps = 100'000;  // a function has a handful of parameters
  detail::TypeTable locals(local), targets(target);
  detail::Work work(kSteps);
  return detail::Matcher(locals, targets, work).types_compatible(local_type, target_type);
}

}  // namespace skep::btf
