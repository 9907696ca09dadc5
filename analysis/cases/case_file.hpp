#pragma once

#include <filesystem>
#include <istream>
#include <string>
#include <vector>

#include <halfulp/analysis/cases/case.hpp>

namespace halfulp::analysis {

/// A file that cannot be read; one sentence.
struct unreadable_file : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The lines of a case file that are not blank, each with its place, "cases.jsonl:17".
class case_lines {
 public:
  /// name: of the file, for messages.
  case_lines(std::istream& in, std::string name) : in_(in), name_(std::move(name)) {}
  /// False at the end. Throws unreadable_file where reading fails.
  bool next(std::string& line, std::string& where);

 private:
  std::istream& in_;
  std::string name_;
  long number_ = 0;
};

/// f(in, name) on a file, or on standard input for "-". Throws unreadable_file.
template <class F>
void with_case_file(const std::filesystem::path& file, F&& f);

/// Every case of a file. Throws malformed_case, which names file and line, and unreadable_file.
std::vector<test_case> read_cases(const std::filesystem::path& file);

/// The shipped corpora, in the order of their names: every *.jsonl in corpus_dir().
std::vector<test_case> built_in_cases();

/// Where the shipped corpora are: $HALFULP_CORPUS; the share folder of the installation that the program belongs to;
/// the source tree it was built from. Throws unreadable_file naming the places it looked at.
std::filesystem::path corpus_dir();

}  // namespace halfulp::analysis
