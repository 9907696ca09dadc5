#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include <fmt/core.h>

#include <halfulp/analysis/cases/case.hpp>
#include <halfulp/analysis/cases/case_file.hpp>
#include <halfulp/analysis/cli/command.hpp>

namespace halfulp::cli {
namespace {

using namespace halfulp::analysis;

int draw(std::istream& in, const std::string& name) {
  case_lines lines(in, name);
  int code = holds;
  for (std::string line, where; lines.next(line, where);) {
    nlohmann::json answer;
    try {
      answer = drawn(parse_case(line, where));
    } catch (const std::exception& e) {
      answer = {{"error", e.what()}, {"kind", "malformed"}};
      code = bad_input;
    }
    fmt::print("{}\n", answer.dump());
  }
  return code;
}

}  // namespace

void add_draw(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("draw", "Write cases with the bits of their tensors, for other programs to run");
  auto cases = std::make_shared<std::string>();
  command->add_option("CASES", *cases, "A file with one case a line (docs/cases.md); - is standard input")->required();
  command->footer(R"(
Example:
  halfulp draw cases.jsonl

Each line is the case as it was, every tensor as {"dtype", "shape", "bits"}: data and fills are worked out. A line that
is no case gives {"error", "kind"} and exit code 2.)");
  command->callback([cases, &code] {
    if (*cases == "-") {
      code = draw(std::cin, "standard input");
    } else {
      std::ifstream in = open_cases(*cases);
      code = draw(in, *cases);
    }
  });
}

}  // namespace halfulp::cli
