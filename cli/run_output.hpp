// Where the records of `skep run` go, one after the other: what is held does not grow with their number.
#pragma once

#include <optional>
#include <string>

#include "skep/cli/run_report.hpp"
#include "skep/cli/verb.hpp"
#include "skep/harness/packets.hpp"
#include "skep/harness/world.hpp"

namespace skep::cli {

struct OutputOptions {
  bool json = false;
  bool tables = true;           // false besides json: a file has standard output
  std::string packets_path;     // of --out; empty: none
  std::string maps_path;        // of --maps-out; empty: none
  harness::LinkType link{};
  std::string engine;
  bool default_packet = false;  // nobody gave one: the table says what it was
};

class RunOutput {
 public:
  // `world` before its first run. Errors: os (--out).
  static Result<RunOutput> begin(OutputOptions options, const harness::World& world, std::string program);

  // One run over a packet that was captured at `time_ns`.
  void add(const harness::RunRecord& record, std::uint64_t time_ns);
  // After the last run: maps, files, and the worst exit status. Errors: os.
  Result<Exit> end(const harness::World& world);

 private:
  RunOutput(OutputOptions options, std::string program)
      : options_(std::move(options)), program_(std::move(program)), table_(options_.link) {}

  OutputOptions options_;
  std::string program_;
  std::vector<harness::MapContents> maps_before_;  // for the table
  RunTable table_;
  RunSummary summary_;
  std::optional<harness::PcapWriter> packets_;
  bool started_ = false;
  Exit exit_ = Exit::ok;
};

// How a run counts for the exit status.
Exit exit_of(const harness::RunRecord& run);
// The head of the document of --json: all before "runs".
harness::Json run_document(const std::string& engine, const harness::Json& program, const harness::Json& function);
// The contents of maps as --json and --maps-out have them.
harness::Json maps_json(const CollectionSpec& spec, const std::vector<harness::MapContents>& maps);
// Writes the document of --maps-out; nothing if `path` is empty.
Result<> write_maps(const std::string& path, const CollectionSpec& spec, const std::vector<harness::MapContents>& maps);

}  // namespace skep::cli
