#pragma once

#include <CLI/CLI.hpp>

namespace halfulp::cli {

/// Exit codes of the program; scripts rely on them.
enum exit_code : int {
  holds = 0,      ///< everything asked for is there, or proved
  fails = 1,      ///< a claim is refuted, or a backend failed
  bad_input = 2,  ///< usage, files, cases
  unknown = 3     ///< undecided within the budget
};

/// What a time limit may be: .001 to 86,400 seconds. CLI11's own ranges let NaN through.
CLI::Validator time_limit();

/// Each adds its subcommand; the callback sets `code`. Errors are thrown and become one sentence in main.
void add_report(CLI::App& app, int& code);
void add_eval(CLI::App& app, int& code);
void add_draw(CLI::App& app, int& code);
void add_prove(CLI::App& app, int& code);
void add_list(CLI::App& app, int& code);

}  // namespace halfulp::cli
