#include <halfulp/analysis/cases/case_file.hpp>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>

#include <halfulp/analysis/program_path.hpp>

namespace halfulp::analysis {

bool case_lines::next(std::string& line, std::string& where) {
  while (std::getline(in_, line)) {
    where = name_ + ":" + std::to_string(++number_);
    if (line.find_first_not_of(" \t\r") != std::string::npos) return true;
  }
  if (in_.bad()) throw unreadable_file(name_ + ":" + std::to_string(number_ + 1) + ": cannot be read");
  return false;
}

std::ifstream open_cases(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error))
    throw unreadable_file(file.string() + " is a folder; a file of cases, one JSON object a line, is needed");
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    const std::string why = std::filesystem::exists(file, error) ? "cannot be opened for reading" : "does not exist";
    throw unreadable_file(file.string() + " " + why + "; a file of cases, one JSON object a line, is needed");
  }
  return in;
}

std::vector<test_case> read_cases(const std::filesystem::path& file) {
  std::ifstream in = open_cases(file);
  case_lines lines(in, file.string());
  std::vector<test_case> cases;
  for (std::string line, where; lines.next(line, where);) cases.push_back(parse_case(line, where));
  return cases;
}

std::filesystem::path corpus_dir() {
  const char* given = std::getenv("HALFULP_CORPUS");
  const std::filesystem::path dir = given != nullptr
                                        ? std::filesystem::path(given)
                                        : own_program().parent_path().parent_path() / "share/halfulp/corpus";
  if (!std::filesystem::is_directory(dir))
    throw unreadable_file("the built-in cases are missing: " + dir.string() +
                          " is no folder; HALFULP_CORPUS may name another");
  return dir;
}

void drop_repeats(std::vector<test_case>& cases) {
  std::set<std::string> seen;
  std::erase_if(cases, [&](const test_case& t) { return !seen.insert(t.text()).second; });
}

std::vector<test_case> built_in_cases() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(corpus_dir()))
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<test_case> cases;
  for (const auto& file : files)
    for (auto& c : read_cases(file)) cases.push_back(std::move(c));
  return cases;
}

}  // namespace halfulp::analysis
