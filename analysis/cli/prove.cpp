#include <memory>

#include <fmt/core.h>

#include <halfulp/analysis/cli/command.hpp>
#include <halfulp/analysis/proof/prove.hpp>

namespace halfulp::cli {
namespace {

struct command_options {
  std::vector<std::string> names;
  proof::prove_options prover;
  double timeout_seconds = proof::prove_options{}.timeout_ms / 1000.0;
  bool keep_going = false;
};

void print(const proof::proof_result& r) {
  fmt::print("{}\n", proof::summary(r));
  for (const auto& f : r.open) {
    fmt::print("  {}: {}\n", f.refuted ? "refuted" : "not decided", f.obligation);
    if (f.refuted) fmt::print("    {}\n    replayed: {}\n", f.counterexample.text(), f.replayed);
  }
  for (const auto& kind : r.unreached) fmt::print("  met by no concrete run: {}\n", kind);
  std::fflush(stdout);
}

int prove(const command_options& given) {
  proof::prove_options o = given.prover;
  o.timeout_ms = static_cast<unsigned>(given.timeout_seconds * 1000);
  o.stop_at_first = !given.keep_going;
  std::vector<proof::proof_result> results;
  const std::vector<std::string> all{""};
  for (const std::string& name : given.names.empty() ? all : given.names)
    for (auto& r : proof::prove(name, o, print)) results.push_back(std::move(r));
  switch (proof::verdict_of(results)) {
    case verdict::holds:
      return holds;
    case verdict::fails:
      return fails;
    default:
      return unknown;
  }
}

}  // namespace

void add_prove(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("prove", "Prove the index code that the kernels run, for all shapes");
  auto o = std::make_shared<command_options>();
  command->add_option("NAME", o->names, "Ops, lemmas, \"lemmas\" or \"launch\"; everything where none is given");
  command->add_option("--timeout", o->timeout_seconds, "Seconds for one obligation")
      ->capture_default_str()
      ->check(time_limit());
  command->add_flag("--keep-going", o->keep_going, "Go on after an obligation that is not proved");
  command->footer(R"(
Examples:
  halfulp prove
  halfulp prove conv2d lemmas
  halfulp prove --timeout 60 --keep-going eigvalsh

Exit code: 0 all is proved; 1 something is refuted, and the counterexample replays; 2 bad input; 3 something is not
decided, or vacuous: met by no concrete run.)");
  command->callback([o, &code] { code = prove(*o); });
}

}  // namespace halfulp::cli
