// The real world: the kernel that the test runs on, reached through the system's libbpf (loaded at run
// time, for the project does not link it) and BPF_PROG_TEST_RUN. A second opinion from somebody who shares
// no line with us. What is missing is named by unavailable().
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dlfcn.h>

#include <cerrno>

#include "skep/base/file.hpp"
#include "skep/elf/load.hpp"
#include "skep/tests/examples/world.hpp"
#include "skep/tests/support/paths.hpp"

namespace skep::test {

// The functions of libbpf.so.1 that are used here.
struct Libbpf {
#define SKEP_LIBBPF_FUNCTIONS(X)                                                                                  \
  X(bpf_object__open_file) X(bpf_object__load) X(bpf_object__close) X(bpf_object__find_map_by_name)               \
  X(bpf_object__find_program_by_name) X(bpf_map__set_max_entries) X(bpf_map__initial_value)                      \
  X(bpf_map__set_initial_value) X(bpf_map__fd)                                                                    \
  X(bpf_map__value_size) X(bpf_map__type) X(bpf_program__fd) X(bpf_prog_test_run_opts) X(bpf_map_lookup_elem)     \
  X(bpf_map_update_elem) X(bpf_map_delete_elem) X(libbpf_num_possible_cpus) X(libbpf_set_print)                   \
  X(ring_buffer__new) X(ring_buffer__consume) X(ring_buffer__free)
#define X(name) decltype(&::name) name = nullptr;
  SKEP_LIBBPF_FUNCTIONS(X)
#undef X

  // Null, with `problem` said, if it is not to be had.
  static const Libbpf* get(std::string& problem) {
    static std::string missing;
    static const Libbpf library = open(missing);
    problem = missing;
    return missing.empty() ? &library : nullptr;
  }

 private:
  static Libbpf open(std::string& missing) {
    Libbpf library;
    void* handle = dlopen("libbpf.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
      missing = "libbpf.so.1 is not installed";
      return library;
    }
#define X(name)                                                                           \
  library.name = reinterpret_cast<decltype(&::name)>(dlsym(handle, #name));               \
  if (!library.name) missing = "libbpf.so.1 has no " #name;
    SKEP_LIBBPF_FUNCTIONS(X)
#undef X
    if (missing.empty()) library.libbpf_set_print(nullptr);
    return library;
  }
};

class Kernel : public World {
 public:
  // Errors: permission (bpf(2) is not allowed here), not_supported (no libbpf), os.
  static Result<std::unique_ptr<Kernel>> create(const WorldOptions& options) {
    std::string problem;
    const Libbpf* lib = Libbpf::get(problem);
    if (!lib) return fail(Errc::not_supported, "{}", problem);
    auto world = std::unique_ptr<Kernel>(new Kernel(*lib));
    world->object_ = lib->bpf_object__open_file(example(options.example).c_str(), nullptr);
    if (!world->object_) return fail_errno(errno, "libbpf opens {}", example(options.example));
    SKEP_TRY(world->apply(options));
    if (const int error = -lib->bpf_object__load(world->object_); error != 0) {
      if (error == EPERM || error == ENOSYS) return fail(Errc::permission, "bpf(2) is not permitted here");
      return fail_errno(error, "the kernel loads {}", options.example);
    }
    const auto* program = lib->bpf_object__find_program_by_name(world->object_, options.program.c_str());
    if (!program) return fail(Errc::not_found, "program {}", options.program);
    world->program_fd_ = lib->bpf_program__fd(program);
    return world;
  }

  ~Kernel() override {
    for (auto& [name, ring] : rings_) lib_.ring_buffer__free(ring.buffer);
    if (object_) lib_.bpf_object__close(object_);
  }
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  Result<Verdict> run(const Packet& packet) override {
    Packet out(packet.size() + 256);
    bpf_test_run_opts test{};
    test.sz = sizeof test;
    test.data_in = packet.data();
    test.data_size_in = static_cast<std::uint32_t>(packet.size());
    test.data_out = out.data();
    test.data_size_out = static_cast<std::uint32_t>(out.size());
    test.repeat = 1;
    if (const int error = -lib_.bpf_prog_test_run_opts(program_fd_, &test); error != 0)
      return fail_errno(error, "BPF_PROG_TEST_RUN with {} bytes", packet.size());
    out.resize(test.data_size_out);
    return Verdict{test.retval, out};
  }

  Result<std::vector<std::byte>> lookup(const std::string& map, Bytes key) override {
    auto* found = SKEP_TRY(find(map));
    std::vector<std::byte> value(lib_.bpf_map__value_size(found));
    const auto type = lib_.bpf_map__type(found);
    if (type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH)
      value.resize((value.size() + 7) / 8 * 8 * static_cast<std::size_t>(lib_.libbpf_num_possible_cpus()));
    if (const int error = -lib_.bpf_map_lookup_elem(lib_.bpf_map__fd(found), key.data(), value.data()); error != 0)
      return fail_errno(error, "lookup in {}", map);
    return value;
  }
  Result<> update(const std::string& map, Bytes key, Bytes value) override {
    const int fd = lib_.bpf_map__fd(SKEP_TRY(find(map)));
    if (const int error = -lib_.bpf_map_update_elem(fd, key.data(), value.data(), BPF_ANY); error != 0)
      return fail_errno(error, "update of {}", map);
    return {};
  }
  Result<> erase(const std::string& map, Bytes key) override {
    const int fd = lib_.bpf_map__fd(SKEP_TRY(find(map)));
    if (const int error = -lib_.bpf_map_delete_elem(fd, key.data()); error != 0)
      return fail_errno(error, "erase from {}", map);
    return {};
  }
  Result<std::vector<std::vector<std::byte>>> events(const std::string& map) override {
    auto& ring = rings_[map];
    if (!ring.buffer) {
      ring.buffer = lib_.ring_buffer__new(lib_.bpf_map__fd(SKEP_TRY(find(map))), &receive, &ring.records, nullptr);
      if (!ring.buffer) return fail_errno(errno, "ring buffer {}", map);
    }
    if (const int error = -lib_.ring_buffer__consume(ring.buffer); error > 0)
      return fail_errno(error, "consume {}", map);
    return std::exchange(ring.records, {});
  }

 private:
  struct Ring {
    ring_buffer* buffer = nullptr;
    std::vector<std::vector<std::byte>> records;
  };

  explicit Kernel(const Libbpf& lib) : lib_(lib) {}

  static int receive(void* records, void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::byte*>(data);
    static_cast<std::vector<std::vector<std::byte>>*>(records)->emplace_back(bytes, bytes + size);
    return 0;
  }

  Result<bpf_map*> find(const std::string& name) const {
    auto* map = lib_.bpf_object__find_map_by_name(object_, name.c_str());
    if (!map) return fail(Errc::not_found, "map {}", name);
    return map;
  }

  // Where a variable lies in .rodata is what our own loader says.
  Result<> apply(const WorldOptions& options) {
    for (const auto& [name, entries] : options.max_entries)
      lib_.bpf_map__set_max_entries(SKEP_TRY(find(name)), entries);
    if (options.variables.empty()) return {};
    const auto object = SKEP_TRY(read_file(example(options.example)));
    const auto spec = SKEP_TRY(elf::load(object));
    for (const auto& [name, value] : options.variables) {
      const auto* variable = spec.variable(name);
      if (!variable) return fail(Errc::not_found, "variable {}", name);
      auto* map = SKEP_TRY(find(variable->section));
      std::size_t size = 0;
      const auto* before = static_cast<const std::byte*>(lib_.bpf_map__initial_value(map, &size));
      if (!before || variable->offset + value.size() > size) return fail(Errc::invalid, "variable {}", name);
      std::vector<std::byte> contents(before, before + size);
      std::copy(value.begin(), value.end(), contents.begin() + variable->offset);
      if (const int error = -lib_.bpf_map__set_initial_value(map, contents.data(), size); error != 0)
        return fail_errno(error, "variable {}", name);
    }
    return {};
  }

  const Libbpf& lib_;
  bpf_object* object_ = nullptr;
  int program_fd_ = -1;
  std::map<std::string, Ring> rings_;
};

}  // namespace skep::test
