// Standard output gets JSON or tables as the runs happen; files are written at the end, whole or not at all.
#include "skep/cli/run_output.hpp"

#include <nlohmann/json.hpp>

#include "skep/base/file.hpp"
#include "skep/cli/output.hpp"
#include "skep/harness/run_json.hpp"

namespace skep::cli {

using harness::Json;
using harness::nested_text;
using harness::RunRecord;

Exit exit_of(const RunRecord& run) {
  if (run.result.fault) return Exit::fault;
  return run.error ? Exit::input : Exit::ok;
}

Json run_document(const std::string& engine, const Json& program, const Json& function) {
  Json json;
  json["schema"] = "skep/run/1";
  json["engine"] = engine;
  json["program"] = program;
  json["function"] = function;
  return json;
}

Json maps_json(const CollectionSpec& spec, const std::vector<harness::MapContents>& maps) {
  Json json = Json::array();
  for (const auto& map : maps) json.push_back(harness::contents_to_json(map, spec));
  return json;
}

Result<> write_maps(const std::string& path, const CollectionSpec& spec,
                    const std::vector<harness::MapContents>& maps) {
  if (path.empty()) return {};
  Json document;
  document["schema"] = "skep/maps/1";
  document["maps"] = maps_json(spec, maps);
  return write_file(path, as_bytes(harness::to_text(document)));
}

Result<RunOutput> RunOutput::begin(OutputOptions options, const harness::World& world, std::string program) {
  RunOutput output(std::move(options), std::move(program));
  if (!output.options_.packets_path.empty())
    output.packets_ = SKEP_TRY(harness::PcapWriter::create(output.options_.packets_path, output.options_.link));
  if (!output.options_.json && output.options_.tables) output.maps_before_ = world.maps();
  return output;
}

void RunOutput::add(const RunRecord& record, std::uint64_t time_ns) {
  exit_ = worst(exit_, exit_of(record));
  // As it left the program, dropped or not, and as it came where the program faulted: numbers agree with the input.
  if (packets_) packets_->add(packet_after(record), time_ns);
  if (options_.json) {
    // The head without its last brace; then the elements of "runs".
    std::string head = started_ ? "" : nested_text(run_document(options_.engine, program_, nullptr), 0);
    if (!started_) head.replace(head.size() - 2, 2, ",\n  \"runs\": [");
    put(fmt::format("{}{}\n    {}", head, started_ ? "," : "", nested_text(harness::run_to_json(record), 2)));
  } else if (options_.tables) {
    const bool told = options_.default_packet && record.data_in;
    if (!started_)
      put(fmt::format("{}{}\n", program_,
                      told ? ", over a TCP SYN of 64 bytes (--packet, --hex or --pcap give another)" : ""));
    table_.add(record);
    summary_.add(record);
    if (table_.is_long()) put(table_.text());
  }
  started_ = true;
}

Result<Exit> RunOutput::end(const harness::World& world) {
  const auto maps = world.maps();
  if (options_.json && started_) {
    put(fmt::format("\n  ],\n  \"maps\": {}\n}}\n", nested_text(maps_json(world.spec(), maps), 1)));
  } else if (options_.json) {
    Json json = run_document(options_.engine, program_, nullptr);
    json["runs"] = Json::array();
    json["maps"] = maps_json(world.spec(), maps);
    put(harness::to_text(json));
  } else if (options_.tables && started_) {
    put(table_.text() + summary_.text() + map_changes(world.spec(), maps_before_, maps));
  } else if (options_.tables) {
    put(fmt::format("{}: no packets, so nothing ran\n", program_));
  }
  if (packets_) SKEP_TRY(packets_->finish());
  SKEP_TRY(write_maps(options_.maps_path, world.spec(), maps));
  return exit_;
}

}  // namespace skep::cli
