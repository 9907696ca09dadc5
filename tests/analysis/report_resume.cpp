#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/backends/in_process.hpp>
#include <halfulp/analysis/report/comparison.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "report_results.hpp"

using namespace halfulp;
using namespace halfulp::analysis;
using namespace halfulp::tests;

namespace {

/// How often each backend was asked, and when the run is to be stopped.
struct asked {
  std::map<std::string, int> times;
  int stop_after = 1000000;
  std::atomic<bool> stop = false;

  int operator[](const std::string& name) { return times[name]; }
};

/// The oracle, or halfulp's kernels, in this process, under any name; "crashing" dies on every case.
class counted_backend : public backend {
 public:
  counted_backend(std::string name, asked& log) : name_(std::move(name)), log_(log) {}

  nlohmann::json describe() override { return {{"name", name_}}; }
  answer run(const test_case& c) override {
    if (++log_.times[name_] >= log_.stop_after && name_ != "oracle") log_.stop = true;
    if (name_ == "crashing") return answer::of(failure::crashed, "killed by signal 11");
    return answer_with(c, [&](const std::string& op, const call& k) {
      answer a;
      if (name_ == "oracle") a.truths = evaluate(op, k);
      for (const truth& t : a.truths) a.outputs.push_back(t.rounded);
      if (name_ != "oracle") a.outputs = kernels::compute(op, k).outputs;
      return a;
    });
  }

 private:
  std::string name_;
  asked& log_;
};

test_case copysign_case(int seed) {
  const std::string fill = R"({"tensor": {"dtype": "float32", "shape": [4], "fill": {"kind": "uniform", "seed": )" +
                           std::to_string(seed) + R"(, "low": -1, "high": 1}}})";
  return parse_case(R"({"api": "paddle.copysign", "args": [)" + fill + ", " + fill + "]}", "test");
}

comparison comparison_of(int cases, asked& log) {
  comparison c;
  for (int k = 0; k < cases; ++k) c.cases.push_back(copysign_case(k));
  c.backends = {"one", "two"};
  c.identity = {{"one", "version 1"}, {"two", "version 1"}};
  c.make = [&log](const std::string& name) { return std::make_unique<counted_backend>(name, log); };
  return c;
}

void run(const comparison& c, const std::filesystem::path& file, bool resume, asked& log) {
  journal rows(file, resume);
  std::FILE* nowhere = std::fopen("/dev/null", "w");
  {
    progress shown(nowhere, static_cast<std::int64_t>(c.cases.size()));
    compare_all(c, rows, shown, log.stop);
  }
  std::fclose(nowhere);
}

std::size_t lines_of(const std::filesystem::path& file) {
  const std::string text = text_of_file(file);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("run: every case on every backend is a row") {
  const scratch_folder folder;
  asked log;
  run(comparison_of(5, log), folder / "rows", false, log);
  CHECK(log["oracle"] == 5);
  CHECK(log["one"] == 5);
  CHECK(log["two"] == 5);
  CHECK(lines_of(folder / "rows") == 10);
}

TEST_CASE("run: a backend that dies on a case is a row, and the run goes on") {
  const scratch_folder folder;
  asked log;
  comparison c = comparison_of(2, log);
  c.backends = {"crashing", "one"};
  c.identity = {{"crashing", ""}, {"one", ""}};
  run(c, folder / "rows", false, log);
  const journal rows(folder / "rows", true);
  for (const auto& t : c.cases) {
    CHECK(rows.find(key_of(c, t, "crashing"))->came_out == outcome::crashed);
    CHECK(rows.find(key_of(c, t, "one"))->came_out == outcome::scored);
  }
}

TEST_CASE("run: after an interruption only what is missing is run") {
  const scratch_folder folder;
  asked first;
  first.stop_after = 3;  // while the third case is with the first backend: that answer is not believed
  run(comparison_of(5, first), folder / "rows", false, first);
  CHECK(lines_of(folder / "rows") == 4);
  asked second;
  run(comparison_of(5, second), folder / "rows", true, second);
  CHECK(second["one"] == 3);
  CHECK(second["two"] == 3);
  CHECK(second["oracle"] == 3);
  CHECK(lines_of(folder / "rows") == 10);
  asked third;
  run(comparison_of(5, third), folder / "rows", true, third);
  CHECK(third.times.empty());
}

TEST_CASE("run: a line cut off by a kill is dropped, and its row is run again") {
  const scratch_folder folder;
  asked first;
  run(comparison_of(3, first), folder / "rows", false, first);
  std::filesystem::resize_file(folder / "rows", std::filesystem::file_size(folder / "rows") - 7);
  asked second;
  run(comparison_of(3, second), folder / "rows", true, second);
  CHECK(second["one"] + second["two"] == 1);
  CHECK(lines_of(folder / "rows") == 6);
  CHECK(journal(folder / "rows", true).size() == 6);
}

TEST_CASE("run: a new version of a backend, and a changed case, are run again, and nothing else is") {
  const scratch_folder folder;
  asked first;
  run(comparison_of(4, first), folder / "rows", false, first);
  asked newer;
  comparison c = comparison_of(4, newer);
  c.identity["two"] = "version 2";
  run(c, folder / "rows", true, newer);
  CHECK(newer["one"] == 0);
  CHECK(newer["two"] == 4);
  asked changed;
  comparison d = comparison_of(4, changed);
  d.cases[1] = copysign_case(99);
  run(d, folder / "rows", true, changed);
  CHECK(changed["one"] == 1);
  CHECK(changed["two"] == 1);
}

TEST_CASE("run: without resume all is run anew") {
  const scratch_folder folder;
  asked first, second;
  run(comparison_of(2, first), folder / "rows", false, first);
  run(comparison_of(2, second), folder / "rows", false, second);
  CHECK(second["one"] == 2);
  CHECK(lines_of(folder / "rows") == 4);
}

TEST_CASE("run: rows that are none are refused with their line, a file in use is left alone") {
  const scratch_folder folder;
  std::ofstream(folder / "rows") << "{}\n";
  CHECK_THROWS_WITH(journal(folder / "rows", true), Catch::Contains("line 1"));
  const journal open(folder / "other", false);
  CHECK_THROWS_WITH(journal(folder / "other", false), Catch::Contains("in use"));
  CHECK_THROWS_AS(journal(folder / "none/rows", false), invalid_argument);
}

TEST_CASE("run: a case whose tensors make no sense ends the run with a sentence") {
  const scratch_folder folder;
  asked log;
  comparison c = comparison_of(1, log);
  c.cases.push_back(parse_case(
      R"({"api": "paddle.copysign", "args": [{"tensor": {"dtype": "float99", "shape": [1]}}]})", "cases.jsonl:2"));
  CHECK_THROWS_WITH(run(c, folder / "rows", false, log), Catch::Contains("float99"));
}
