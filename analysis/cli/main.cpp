#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include <halfulp/analysis/cli/command.hpp>
#include <halfulp/build_info.hpp>

namespace halfulp::cli {
namespace {

/// CLI11 says of an unknown command only that one is required.
void refuse_unknown_command(const CLI::App& app, std::string_view first) {
  if (first.starts_with('-')) return;
  std::string known;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == first) return;
    known += (known.empty() ? "" : ", ") + command->get_name();
  }
  throw CLI::ParseError(fmt::format("{} is no command; the commands are {}", first, known), bad_input);
}

int run(int argc, char** argv) {
  CLI::App app("What a tensor op should return, and how far each implementation is from it", "halfulp");
  app.set_version_flag("--version", std::string(build_info::version));
  app.require_subcommand(1);
  app.footer(R"(
Examples:
  halfulp report --op conv2d --out out/conv2d
  halfulp eval --backend oracle cases.jsonl
  halfulp prove conv2d
  halfulp list

Exit codes: 0 holds, 1 fails, 2 usage or bad input, 3 unknown.)");
  int code = holds;
  add_report(app, code);
  add_eval(app, code);
  add_draw(app, code);
  add_prove(app, code);
  add_list(app, code);
  try {
    refuse_unknown_command(app, argc > 1 ? argv[1] : "-");
    app.parse(argc, argv);
    return code;
  } catch (const CLI::Success& e) {  // --help, --version
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    fmt::print(stderr, "halfulp: {}; see halfulp --help\n", e.what());
    return bad_input;
  }
}

}  // namespace

CLI::Validator time_limit() {
  const auto check = [](const std::string& text) -> std::string {
    double seconds{};
    const bool number = CLI::detail::lexical_cast(text, seconds);
    return number && seconds >= 0.001 && seconds <= 86400
               ? ""
               : fmt::format("{} is no time limit; it may be 0.001 to 86400 seconds", text);
  };
  return {check, "in [0.001 - 86400]", "time limit"};
}

}  // namespace halfulp::cli

int main(int argc, char** argv) {
  try {
    return halfulp::cli::run(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return halfulp::cli::bad_input;
  }
}
