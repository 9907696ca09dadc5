#pragma once

#include <filesystem>
#include <istream>
#include <string>
#include <vector>

#include <halfulp/analysis/cases/case.hpp>

namespace halfulp::analysis {

/// Reads the next line that is not blank; false at the end. `where` becomes "name:line". Throws std::ios_base::failure
/// where reading fails, malformed_case for a line that is not UTF-8 or holds a NUL.
class case_lines {
 public:
  case_lines(std::istream& in, std::string name) : in_(in), name_(std::move(name)) {}
  bool next(std::string& line, std::string& where);

 private:
  std::istream& in_;
  std::string name_;
  long number_ = 0;
};

/// Every case of a file ("-": standard input). Throws malformed_case naming file and line; std::runtime_error, one
/// sentence, for a file that cannot be read.
std::vector<test_case> read_cases(const std::filesystem::path& file);

/// The shipped corpora, in the order of their names: every *.jsonl in corpus_dir().
std::vector<test_case> built_in_cases();

/// Where the shipped corpora are: $HALFULP_CORPUS, beside the program's installed share folder, or the source tree it
/// was built from. Throws std::runtime_error naming the places it looked.
std::filesystem::path corpus_dir();

}  // namespace halfulp::analysis
