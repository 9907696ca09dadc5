#pragma once

#include <filesystem>
#include <fstream>
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

/// An open case file. Throws unreadable_file.
std::ifstream open_cases(const std::filesystem::path& file);

/// Every case of a file. Throws malformed_case, which names file and line, and unreadable_file.
std::vector<test_case> read_cases(const std::filesystem::path& file);

/// Leaves each call once, where it comes first.
void drop_repeats(std::vector<test_case>& cases);

/// The shipped corpora, in the order of their names: every *.jsonl in corpus_dir().
std::vector<test_case> built_in_cases();

/// Where the shipped corpora are: $HALFULP_CORPUS, else ../share/halfulp/corpus beside the program's folder, installed
/// or in a build tree. Throws unreadable_file naming the place.
std::filesystem::path corpus_dir();

}  // namespace halfulp::analysis
