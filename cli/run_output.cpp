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

namespace {

Exit exit_of(const RunRecord& run) {
  if (run.result.fault) return Exit::fault;
  return run.error ? Exit::input : Exit::ok;
}

}  // namespace

Json run_document(std::string_view engine, const Json& program, const Json& function) {
  Json json;
  json["schema"] = "skep/run/1";
  json["engine"] = engine;
  json["program"] = program;
  json["function"] = function;
  return json;
}

Result<RunOutput> RunOutput::begin(OutputOptions options, const harness::World& world) {
  RunOutput output(std::move(options));
  if (!output.options_.packets_path.empty())
    output.packets_ = SKEP_TRY(harness::PcapWriter::create(output.options_.packets_path, output.options_.link));
  if (!output.options_.json && output.options_.tables)
    for (auto* map : world.maps()) output.maps_before_.push_back(harness::read_map(*map));
  return output;
}

std::string RunOutput::name() const {
  const auto& program = options_.head["program"];
  return (program.is_null() ? options_.head["function"] : program).get<std::string>();
}

// The head without its last brace, and the beginning of "runs".
std::string RunOutput::head_text() const {
  auto text = nested_text(options_.head, 0);
  text.erase(text.size() - 2);
  return text + ",\n  \"runs\": [";
}

void RunOutput::put_run(const Json& run) {
  put((started_ ? "," : head_text()) + "\n    " + nested_text(run, 2));
}

void RunOutput::add(const RunRecord& record, std::uint64_t time_ns) {
  exit_ = worst(exit_, exit_of(record));
  // As it left the program, dropped or not, and as it came where the program faulted: numbers agree with the input.
  if (packets_) packets_->add(packet_after(record), time_ns);
  if (options_.json) {
    put_run(harness::run_to_json(record));
  } else if (options_.tables) {
    const bool told = options_.default_packet && record.data_in;
    if (!started_)
      put(fmt::format("{}{}\n", name(),
                      told ? ", over a TCP SYN of 64 bytes (--packet, --hex or --pcap give another)" : ""));
    table_.add(record);
    summary_.add(record);
    if (table_.is_long()) put(table_.text());
  }
  started_ = true;
}

void RunOutput::add(const harness::FunctionRecord& record, const harness::World& world) {
  exit_ = worst(exit_, exit_of(record.run));
  const auto call = harness::call_to_json(record, world.spec().types);
  if (options_.json) put_run(call);
  else if (options_.tables) put(call_text(name(), call, record));
  started_ = is_call_ = true;
}

Result<Exit> RunOutput::end(const harness::World& world) {
  const auto maps = world.maps();
  if (options_.json) {
    put((started_ ? "\n  " : head_text()) + "],\n  \"maps\": ");
    harness::put_maps(maps, world.spec(), 1, put);
    put("\n}\n");
  } else if (options_.tables && !started_) {
    put(fmt::format("{}: no packets, so nothing ran\n", name()));
  } else if (options_.tables) {
    if (!is_call_) put(table_.text() + summary_.text());
    put(map_changes(world.spec(), maps_before_, maps));
  }
  if (packets_) SKEP_TRY(packets_->finish());
  SKEP_TRY(write_maps(world));
  return exit_;
}

Result<> RunOutput::write_maps(const harness::World& world) const {
  if (options_.maps_path.empty()) return {};
  auto file = SKEP_TRY(FileWriter::create(options_.maps_path));
  const auto write = [&](std::string_view text) { file.write(as_bytes(text)); };
  write("{\n  \"schema\": \"skep/maps/1\",\n  \"maps\": ");
  harness::put_maps(world.maps(), world.spec(), 1, write);
  write("\n}\n");
  return file.finish();
}

}  // namespace skep::cli
