// The system's libbpf as an oracle for tests: opened at run time, so that nothing of ours is linked with it.
#pragma once

#include <memory>
#include <string>

#include <bpf/libbpf.h>
#include <dlfcn.h>

namespace skep::test {

class Libbpf {
 public:
  // Null if the machine has no libbpf.so.1.
  static const Libbpf* get() {
    static const Libbpf library;
    return library.handle_ ? &library : nullptr;
  }

  // A function of the library, null if it has none of that name.
  template <class Function>
  Function* find(const char* name) const {
    return reinterpret_cast<Function*>(dlsym(handle_, name));
  }

 private:
  Libbpf() : handle_(dlopen("libbpf.so.1", RTLD_NOW | RTLD_LOCAL)) {
    if (handle_) find<decltype(libbpf_set_print)>("libbpf_set_print")(nullptr);
  }
  void* handle_;
};

// lib->bpf_map__name(map) is written SKEP_LIBBPF(bpf_map__name)(map).
#define SKEP_LIBBPF(function) (::skep::test::Libbpf::get()->find<decltype(::function)>(#function))

struct CloseObject {
  void operator()(bpf_object* object) const { SKEP_LIBBPF(bpf_object__close)(object); }
};
using BpfObject = std::unique_ptr<bpf_object, CloseObject>;

// Opens an object as a user of libbpf would; null with errno if libbpf refuses it.
inline BpfObject libbpf_open(const std::string& path) {
  return BpfObject(SKEP_LIBBPF(bpf_object__open_file)(path.c_str(), nullptr));
}

}  // namespace skep::test
