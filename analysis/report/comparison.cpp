#include <halfulp/analysis/report/comparison.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <future>
#include <thread>

#include <halfulp/oracle/oracle.hpp>

namespace halfulp::analysis {
namespace {

/// Time for this process to hear of a signal that has already ended a child.
constexpr std::chrono::milliseconds signal_delay{200};

/// What one thread needs: backends of its own, made when the first case is asked.
class lane {
 public:
  lane(const comparison& c, journal& rows, const std::atomic<bool>& stop) : c_(c), rows_(rows), stop_(stop) {}

  /// Appends the rows that t lacks; true if it lacked any.
  bool run(const test_case& t) {
    if (is_finished(c_, t, rows_)) return false;
    if (made_.empty()) start();
    const answer truth = ask("oracle", t);
    if (truth.kind == failure::malformed) throw malformed_case(truth.error);
    for (const auto& name : c_.backends) {
      const std::uint64_t key = key_of(c_, t, name);
      if (stop_ || rows_.find(key) != nullptr) continue;
      const answer given = ask(name, t);
      if (!stop_) rows_.append(key, row(t, name, compare(truth, given)));
    }
    return true;
  }

 private:
  /// All at once, where they are processes: some take seconds to start.
  void start() {
    std::vector<std::future<nlohmann::json>> started;
    made_["oracle"] = c_.make("oracle");
    for (const auto& name : c_.backends) made_[name] = c_.make(name);
    for (auto& [name, made] : made_)
      started.push_back(std::async(std::launch::async, [b = made.get()] { return b->describe(); }));
  }

  answer ask(const std::string& name, const test_case& t) {
    answer a = made_.at(name)->run(t);
    if (a.kind == failure::crashed) std::this_thread::sleep_for(signal_delay);
    return a;
  }

  case_result row(const test_case& t, const std::string& name, case_result r) const {
    r.backend = name;
    r.op = op_of(t);
    r.api = t.api;
    r.name = t.name;
    r.origin = t.origin;
    r.case_text = t.text();
    r.format = format_of_case(t);
    return r;
  }

  const comparison& c_;
  journal& rows_;
  const std::atomic<bool>& stop_;
  std::map<std::string, std::unique_ptr<backend>> made_;
};

}  // namespace

std::string op_of(const test_case& t) {
  try {
    return signature_named(t.api).op;
  } catch (const invalid_argument&) {
    return t.api;
  }
}

std::uint64_t key_of(const comparison& c, const test_case& t, const std::string& backend) {
  return row_key(t.text(), backend, c.identity.at(backend));
}

bool is_finished(const comparison& c, const test_case& t, const journal& rows) {
  return std::all_of(c.backends.begin(), c.backends.end(),
                     [&](const std::string& b) { return rows.find(key_of(c, t, b)) != nullptr; });
}

void compare_all(const comparison& c, journal& rows, progress& shown, const std::atomic<bool>& stop) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      lane mine(c, rows, stop);
      while (!stop && !failed) {
        const std::size_t k = next++;
        if (k >= c.cases.size()) return;
        const bool fresh = mine.run(c.cases[k]);
        if (!stop) shown.step(fresh);
      }
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (int k = 0; k < c.processes; ++k) threads.emplace_back(work);
  for (auto& t : threads) t.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace halfulp::analysis
