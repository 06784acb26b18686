#include "skep/tests/support/case_file.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "skep/base/file.hpp"

namespace skep::test {
namespace {

std::map<std::string, std::string> sections(std::string_view text) {
  std::map<std::string, std::string> found;
  std::string* current = nullptr;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("-- ")) current = &found[std::string(line.substr(3, line.find_last_not_of(" \r") - 2))];
    else if (current) current->append(line).push_back('\n');
  }
  return found;
}

Result<std::uint64_t> number(std::string_view text) {
  const auto begin = text.find_first_not_of(" \n");
  if (begin == text.npos) return fail(Errc::malformed, "no result");
  text = text.substr(begin, text.find_last_not_of(" \r\n") + 1 - begin);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value, hex ? 16 : 10);
  if (error != std::errc() || end != text.end()) return fail(Errc::malformed, "result \"{}\" is no number", text);
  return negative ? 0 - value : value;
}

Result<CaseFile> parse_case(const std::string& path) {
  const auto bytes = SKEP_TRY(read_file(path));
  auto found = sections(as_text(bytes));
  CaseFile result{.name = std::filesystem::path(path).filename(), .assembly = found["asm"], .memory = {}};
  if (result.assembly.empty()) return fail(Errc::malformed, "no section asm");
  result.memory = SKEP_TRY_CTX(from_hex(found["mem"]), "section mem");
  result.result = SKEP_TRY(number(found["result"]));
  return result;
}

}  // namespace

Result<CaseFile> read_case(const std::string& path) { return SKEP_TRY_CTX(parse_case(path), "{}", path); }

Result<std::vector<CaseFile>> read_cases(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".data") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<CaseFile> cases;
  for (const auto& path : paths) cases.push_back(SKEP_TRY(read_case(path)));
  return cases;
}

std::string conformance_folder() {
  const char* chosen = std::getenv("SKEP_CONFORMANCE");
  const std::string folder = chosen ? chosen : SKEP_SOURCE_DIR "/../shared/conformance";
  return std::filesystem::exists(folder + "/encoded.json") ? folder : "";
}

}  // namespace skep::test
