#include <fstream>
#include <iostream>
#include <memory>

#include <fmt/core.h>

#include <halfulp/analysis/backends/isolated.hpp>
#include <halfulp/analysis/backends/replies.hpp>
#include <halfulp/analysis/backends/serve.hpp>
#include <halfulp/analysis/cases/case_file.hpp>
#include <halfulp/analysis/cli/command.hpp>

namespace halfulp::cli {
namespace {

using namespace halfulp::analysis;

struct eval_options {
  std::string backend = "oracle";
  std::string cases;
  bool bits = false;
  bool time = false;
  double timeout = 600;  // seconds
};

std::unique_ptr<backend> make_backend(const eval_options& o) {
  const backend_entry& entry = backend_named(o.backend);
  if (const std::string missing = entry.missing(); !missing.empty())
    throw invalid_argument("halfulp", missing, {{"backend", o.backend}});
  if (entry.worker_command().empty()) return entry.make();
  return std::make_unique<isolated_backend>(entry, std::chrono::milliseconds(std::llround(o.timeout * 1000)));
}

/// What was not answered decides: a backend that failed, then bad input, then roundings that are unknown.
int code_of(const serve_summary& s) {
  if (s[failure::failed] + s[failure::crashed] + s[failure::timed_out] > 0) return fails;
  if (s[failure::malformed] + s[failure::invalid_argument] + s[failure::refused] + s[failure::unsupported] > 0)
    return bad_input;
  return s[failure::undecided] + s.undecided_components > 0 ? unknown : holds;
}

int eval(const eval_options& o) {
  std::ios::sync_with_stdio(false);
  reply_stream out;
  const auto b = make_backend(o);
  const serve_options how{o.bits ? element_notation::bits : element_notation::text, o.time};
  serve_summary s;
  if (o.cases == "-") {
    s = serve(*b, std::cin, "standard input", out, how);
  } else {
    std::ifstream in = open_cases(o.cases);
    s = serve(*b, in, o.cases, out, how);
  }
  std::int64_t failures = 0;
  for (const std::int64_t n : s.failures) failures += n;
  if (failures > 0)
    fmt::print(stderr, "halfulp eval: {} of {} cases gave no result; the first: {}\n", failures, s.lines, s.first);
  return code_of(s);
}

}  // namespace

void add_eval(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("eval", "Answer cases, one line of JSON each");
  auto o = std::make_shared<eval_options>();
  std::string names;
  for (const backend_entry& b : all_backends()) names += (names.empty() ? "" : ", ") + std::string(b.name);
  command->add_option("--backend,-b", o->backend, "Who answers: " + names)->capture_default_str();
  command->add_option("CASES", o->cases, "A file with one case a line (docs/cases.md); - is standard input")
      ->required();
  command->add_flag("--bits", o->bits, "Tensors as base64 of their bytes instead of text");
  command->add_flag("--time", o->time, "Add the seconds that each computation took");
  command->add_option("--timeout", o->timeout, "Seconds after which a peer that runs in its own process is ended")
      ->capture_default_str()
      ->check(time_limit());
  command->footer(R"(
Examples:
  halfulp eval cases.jsonl
  halfulp eval --backend cpu cases.jsonl > got.jsonl
  echo '{"api": "paddle.copysign", "args": [
    {"tensor": {"dtype": "float16", "shape": [2], "data": [1, "nan"]}},
    {"tensor": {"dtype": "float16", "shape": [2], "data": ["-0", -2]}}]}' | tr -d '\n' | halfulp eval -

A case that cannot be answered gives {"error", "kind"} on its line and the run goes on.
Exit code: 0 all answered; 1 a backend failed, crashed or hung; 2 bad input: a case is no case, is refused or is
not supported; 3 a rounding is undecided. docs/eval.md has the format.)");
  command->callback([o, &code] { code = eval(*o); });
}

}  // namespace halfulp::cli
