#include <halfulp/analysis/report/report.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include <halfulp/analysis/backends/isolated.hpp>
#include <halfulp/analysis/cases/case_file.hpp>
#include <halfulp/analysis/program_path.hpp>
#include <halfulp/analysis/report/comparison.hpp>
#include <halfulp/analysis/report/files.hpp>
#include <halfulp/analysis/report/identity.hpp>
#include <halfulp/analysis/report/json.hpp>
#include <halfulp/analysis/report/numbers.hpp>
#include <halfulp/analysis/report/page.hpp>
#include <halfulp/analysis/report/words.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace halfulp::analysis {
namespace {

/// The oracle may climb its whole ladder, so it gets more time than those it judges.
constexpr double oracle_patience = 10;

std::atomic<bool> interrupted = false;

/// Ctrl-C stops the run at the next answer; a second one ends the program at once.
class interruption {
 public:
  interruption() {
    interrupted = false;
    before_ = std::signal(SIGINT, [](int) {
      interrupted = true;
      std::signal(SIGINT, SIG_DFL);
    });
  }
  ~interruption() { std::signal(SIGINT, before_); }
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;

 private:
  void (*before_)(int);
};

std::vector<test_case> all_cases(const report_options& options, std::vector<std::string>& sources) {
  if (options.cases.empty()) {
    sources.push_back("the built-in cases");
    return built_in_cases();
  }
  std::vector<test_case> cases;
  for (const auto& file : options.cases) {
    const auto more = read_cases(file);
    cases.insert(cases.end(), more.begin(), more.end());
    sources.push_back(file.filename().string());
  }
  return cases;
}

/// Of the ops asked for, each call once.
std::vector<test_case> chosen_cases(const report_options& options, std::vector<std::string>& sources) {
  std::set<std::string> ops;
  for (const auto& op : options.ops) ops.insert(signature_named(op).op);
  std::vector<test_case> cases = all_cases(options, sources);
  std::erase_if(cases, [&](const test_case& t) { return !ops.empty() && !ops.contains(op_of(t)); });
  drop_repeats(cases);
  if (cases.empty() && !ops.empty())
    throw invalid_argument("report", "one of the cases must be of it", {{"op", listed(options.ops)}});
  if (cases.empty()) throw invalid_argument("report", "there must be a case in them", {{"cases", listed(sources)}});
  return cases;
}

/// Processes that work at the same time share the cores; who sets OMP_NUM_THREADS knows better.
void share_cores(int cores, int processes) {
  ::setenv("OMP_NUM_THREADS", std::to_string(std::max(1, cores / processes)).c_str(), 0);
}

std::vector<const backend_entry*> chosen_backends(const report_options& options) {
  for (const auto& name : options.backends) (void)backend_named(name);  // refuses an unknown one
  std::vector<const backend_entry*> chosen;
  for (const auto& entry : all_backends()) {
    const auto& asked = options.backends;
    const bool wanted = asked.empty() || std::find(asked.begin(), asked.end(), entry.name) != asked.end();
    if (wanted && entry.name != "oracle") chosen.push_back(&entry);
  }
  if (chosen.empty())
    throw invalid_argument("report", "the oracle judges others; at least one other must be named",
                           {{"backend", listed(options.backends)}});
  return chosen;
}

/// A report of nothing would pass for one without a fault.
void require_one(const std::vector<report_backend>& backends) {
  std::vector<std::string> missing;
  for (const auto& b : backends) {
    if (b.available) return;
    missing.push_back(b.name + " (" + b.missing + ")");
  }
  throw invalid_argument("report", "one of them must be there to be compared", {{"backend", listed(missing)}});
}

isolated_backend::duration patience(const report_options& options, const std::string& name) {
  const double seconds = options.timeout_seconds * (name == "oracle" ? oracle_patience : 1);
  return std::chrono::duration_cast<isolated_backend::duration>(std::chrono::duration<double>(seconds));
}

report_model model_of(const comparison& c, const journal& rows, report_run run,
                      const std::vector<report_backend>& backends) {
  report_model m;
  m.backends = backends;
  run.cases = static_cast<std::int64_t>(c.cases.size());
  for (const auto& t : c.cases) {
    run.cases_done += is_finished(c, t, rows);
    for (const auto& name : c.backends) {
      const case_result* found = rows.find(key_of(c, t, name));
      if (found == nullptr) continue;
      case_result r = *found;
      r.name = t.name;  // a resumed row may have been made under another name
      r.origin = t.origin;
      m.add(r);
    }
  }
  run.finished = utc_now();
  m.runs.push_back(run);
  return m;
}

report_model measured(const report_options& options) {
  report_run run;
  run.started = utc_now();
  run.made_on = this_machine();
  run.program = program_version();
  run.path = own_program().string();
  comparison c;
  c.cases = chosen_cases(options, run.sources);
  const auto entries = chosen_backends(options);
  c.make = [&](const std::string& name) -> std::unique_ptr<backend> {
    return std::make_unique<isolated_backend>(backend_named(name), patience(options, name));
  };
  c.processes = std::max(1, options.processes);
  share_cores(run.made_on.cores, c.processes);
  const auto backends = describe_all(entries, c);
  require_one(backends);
  journal rows(results_file(options.out), options.resume);
  run.id = run_id(run);
  const interruption watch;
  {
    progress shown(stderr, static_cast<std::int64_t>(c.cases.size()));
    compare_all(c, rows, shown, interrupted);
  }
  return model_of(c, rows, run, backends);
}

report_model merged(const std::vector<std::filesystem::path>& files) {
  report_model m;
  for (const auto& file : files) m.merge(read_report(file));
  return m;
}

void print_end(const report_model& m, const std::filesystem::path& page) {
  fmt::print("{}\n", summary(m));
  for (const auto& caveat : caveats(m)) fmt::print("  ! {}\n", caveat);
  const auto worst = m.worst(leading_findings);
  fmt::print("\n{}\n", worst.empty() ? "No error beyond its bound, no failure." : "The worst findings:");
  int number = 0;
  for (const auto& f : worst)
    fmt::print("{}. {} [{}]\n   {}\n   $ {}\n", ++number, headline(f), name_of(f.kind), explanation(f),
               reproduction(f.case_text, f.backend));
  fmt::print("\nThe page: {}\n", std::filesystem::absolute(page).lexically_normal().string());
  fmt::print("halfulp in these lines: {}\n", own_program().string());
}

}  // namespace

int run_report(const report_options& options) {
  make_folder(options.out);
  const report_model m = options.merge.empty() ? measured(options) : merged(options.merge);
  write_report(m, options.out);
  print_end(m, options.out / "index.html");
  if (interrupted && options.merge.empty())
    fmt::print(
        "Interrupted; what is finished is kept. `halfulp report --resume --out {}` with the same arguments goes on.\n",
        options.out.string());
  return exit_code_of(m);
}

}  // namespace halfulp::analysis
