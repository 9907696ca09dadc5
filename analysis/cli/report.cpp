#include <memory>

#include <halfulp/analysis/backends/backend.hpp>
#include <halfulp/analysis/cli/command.hpp>
#include <halfulp/analysis/report/report.hpp>

namespace halfulp::cli {
namespace {

using namespace halfulp::analysis;

/// The names that --backend takes; the oracle runs always.
std::string names_of_backends() {
  std::string names;
  for (const backend_entry& b : all_backends())
    if (b.name != "oracle") names += (names.empty() ? "" : ", ") + std::string(b.name);
  return names;
}

}  // namespace

void add_report(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("report", "Run cases on every backend and write how far each is from the truth");
  auto o = std::make_shared<report_options>();
  auto* op = command->add_option("--op", o->ops, "Only these ops; several are allowed");
  auto* backend = command->add_option("--backend,-b", o->backends, "Only these backends: " + names_of_backends());
  auto* cases = command->add_option("--cases,-c", o->cases,
                                    "Files with one case a line (docs/cases.md) instead of the built-in cases");
  command->add_option("--out,-o", o->out, "The folder to write to")->capture_default_str();
  auto* resume =
      command->add_flag("--resume", o->resume, "Keep the rows of an interrupted run in the folder that still hold");
  command->add_option("--timeout", o->timeout_seconds, "Seconds after which a backend that is silent is ended")
      ->capture_default_str()
      ->check(time_limit());
  command
      ->add_option("--processes", o->processes,
                   "Cases that are worked on at the same time, each by processes of its own")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  command->add_option("--merge", o->merge, "Add up these report.json files instead of running anything")
      ->excludes(op, backend, cases, resume);
  command->footer(R"(
Examples:
  halfulp report
  halfulp report --op conv2d --op eigvalsh --backend pytorch --out out/torch
  halfulp report --cases mine.jsonl --out out/mine
  halfulp report --resume
  halfulp report --merge a/report.json b/report.json --out both

Writes index.html, report.md and report.json (docs/report.md).
Exit code: 0 halfulp's own kernels are right everywhere; 1 they are not; 2 bad input; 3 something is undecided, or the
run was interrupted.)");
  command->callback([o, &code] { code = run_report(*o); });
}

}  // namespace halfulp::cli
