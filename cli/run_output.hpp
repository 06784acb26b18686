// Where the records of `skep run` go, one after the other: what is held does not grow with their number.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "skep/cli/run_report.hpp"
#include "skep/cli/verb.hpp"
#include "skep/harness/json.hpp"
#include "skep/harness/packets.hpp"
#include "skep/harness/world.hpp"

namespace skep::cli {

struct OutputOptions {
  bool json = false;
  bool tables = true;           // false besides json: a file has standard output
  std::string packets_path;     // of --out; empty: none
  std::string maps_path;        // of --maps-out; empty: none
  harness::LinkType link{};
  harness::Json head;           // of the document of --json: all before "runs"
  bool default_packet = false;  // nobody gave one: the table says what it was
};

class RunOutput {
 public:
  // `world` before its first run. Errors: os (--out).
  static Result<RunOutput> begin(OutputOptions options, const harness::World& world);

  // One run of the program over a packet that was captured at `time_ns`.
  void add(const harness::RunRecord& record, std::uint64_t time_ns);
  // The call of a function.
  void add(const harness::FunctionRecord& record, const harness::World& world);
  // After the last run: maps, files, and the worst exit status. Errors: os.
  Result<Exit> end(const harness::World& world);

 private:
  explicit RunOutput(OutputOptions options) : options_(std::move(options)), table_(options_.link) {}
  std::string name() const;
  std::string head_text() const;
  void put_run(const harness::Json& run);
  Result<> write_maps(const harness::World& world) const;

  OutputOptions options_;
  std::vector<harness::MapContents> maps_before_;  // for the table
  RunTable table_;
  RunSummary summary_;
  std::optional<harness::PcapWriter> packets_;
  bool started_ = false;
  bool is_call_ = false;
  Exit exit_ = Exit::ok;
};

// The head of the document of --json; one of the two names is null.
harness::Json run_document(std::string_view engine, const harness::Json& program, const harness::Json& function);

}  // namespace skep::cli
