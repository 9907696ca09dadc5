// The program itself: what a script sees of it.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/program_path.hpp>
#include <halfulp/oracle/core/dtype.hpp>

using halfulp::analysis::own_program;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

/// A folder that goes away with the test.
struct scratch {
  fs::path path;
  scratch() {
    std::string name = (fs::temp_directory_path() / "halfulp-test-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~scratch() { fs::remove_all(path); }
  fs::path file(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
    return path / name;
  }
};

struct outcome_of_run {
  int code;
  std::string out, err;
};

std::string text_of(const fs::path& file) {
  std::ostringstream s;
  s << std::ifstream(file, std::ios::binary).rdbuf();
  return s.str();
}

outcome_of_run run_in_shell(const std::string& line) {
  const scratch s;
  const std::string command =
      line + " >'" + (s.path / "out").string() + "' 2>'" + (s.path / "err").string() + "' </dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(s.path / "out"), text_of(s.path / "err")};
}

std::string program_path() {
  return (own_program().parent_path() / "halfulp").string();
}

/// Runs `halfulp <arguments>` in a shell.
outcome_of_run halfulp_program(const std::string& arguments) {
  return run_in_shell("'" + program_path() + "' " + arguments);
}

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

const std::string sign_case = R"json({"api": "paddle.copysign", "args": [{"tensor": {"dtype": "float16", "shape": [3],
  "data": [1, "nan(0x7e01)", "inf"]}}, {"tensor": {"dtype": "float16", "shape": [1], "data": ["-0"]}}]})json";
const std::string sum_case = R"({"api": "paddle.nn.functional.conv2d", "kwargs": {"x": {"tensor": {"dtype": "float32",
  "shape": [1, 3, 1, 1], "data": ["3e38", "3e38", "-3e38"]}}, "weight": {"tensor": {"dtype": "float32", "shape": [1, 3, 1, 1],
  "data": [1, 1, 1]}}}})";
const std::string wrong_case = R"({"api": "paddle.copysign", "args": [{"tensor": {"dtype": "float32", "shape": [3]}},
  {"tensor": {"dtype": "float32", "shape": [0]}}]})";

/// A case on one line.
std::string line(std::string text) {
  std::string one;
  for (const char c : text)
    if (c != '\n') one += c;
  return one + "\n";
}

bool is_one_sentence(const std::string& text) {
  return !text.empty() && text.find('\n') == text.size() - 1;
}

}  // namespace

TEST_CASE("eval: one line a case, in order, also where one is wrong") {
  const scratch s;
  const auto file = s.file("cases.jsonl", line(sign_case) + "\n" + line(wrong_case) + line(sum_case));
  const auto run = halfulp_program("eval --backend oracle '" + file.string() + "'");
  const auto lines = lines_of(run.out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0]["outputs"][0]["data"] == json({"-0x1p+0", "nan(0xfe01)", "-inf"}));
  CHECK(lines[0]["outputs"][0]["shape"] == json({3}));
  CHECK(lines[0]["outputs"][0]["dtype"] == "float16");
  CHECK(lines[1]["kind"] == "invalid_argument");
  CHECK_THAT(lines[1]["error"].get<std::string>(), Catch::Contains("x.shape[0] is 3"));
  const json& sum = lines[2]["outputs"][0];
  CHECK(sum["decided"] == json({true}));
  CHECK(std::strtof(sum["data"][0].get<std::string>().c_str(), nullptr) == 3e38f);
  CHECK(sum["enclosure"].size() == 1);
  CHECK(sum["enclosure"][0].size() == 2);
  CHECK(sum["tier"].size() == 1);
  CHECK(sum["bounds"]["normwise"].size() == 1);
  CHECK(sum["bounds"]["componentwise"].size() == 1);
  CHECK(run.code == 2);
  CHECK(is_one_sentence(run.err));
  CHECK_THAT(run.err, Catch::Contains("1 of 3") && Catch::Contains("cases.jsonl:3"));
}

TEST_CASE("eval: the kernels give the oracle's bits, and say which tier decided") {
  const scratch s;
  const auto file = s.file("cases.jsonl", line(sign_case) + line(sum_case));
  const auto oracle = halfulp_program("eval --backend oracle '" + file.string() + "'");
  const auto cpu = halfulp_program("eval --backend cpu '" + file.string() + "'");
  CHECK(oracle.code == 0);
  CHECK(cpu.code == 0);
  CHECK(oracle.err == "");
  const auto want = lines_of(oracle.out), have = lines_of(cpu.out);
  REQUIRE(have.size() == 2);
  for (std::size_t k = 0; k < 2; ++k) CHECK(have[k]["outputs"][0]["data"] == want[k]["outputs"][0]["data"]);
  CHECK(have[0]["tiers"]["exact"] == 3);
}

TEST_CASE("eval: the findings of the first page are what it says") {
  const std::vector<std::vector<double>> exact{
      {1250}, {60000}, {-0x1.65b33bdd7ee78p-55, 0, 2, 0}, {6.67e-41, 7.5e-21, 1}, {3}, {NAN, NAN, NAN, NAN}};
  for (const std::string backend : {"oracle", "cpu"}) {
    const auto run = halfulp_program("eval --backend " + backend + " '" HALFULP_SOURCE_DIR "/docs/findings.jsonl'");
    CHECK(run.code == 0);
    const auto lines = lines_of(run.out);
    REQUIRE(lines.size() == exact.size());
    for (std::size_t k = 0; k < exact.size(); ++k) {
      std::vector<double> got;
      const std::function<void(const json&)> flatten = [&](const json& j) {
        if (j.is_string()) return got.push_back(std::strtod(j.get<std::string>().c_str(), nullptr));
        for (const json& item : j) flatten(item);
      };
      flatten(lines[k]["outputs"][0]["data"]);
      CAPTURE(backend, k, got);
      REQUIRE(got.size() == exact[k].size());
      for (std::size_t i = 0; i < got.size(); ++i)
        CHECK((std::isnan(exact[k][i]) ? std::isnan(got[i]) : got[i] == Approx(exact[k][i]).epsilon(.005)));
    }
  }
}

TEST_CASE("eval: what it writes, it reads") {
  const scratch s;
  const auto file = s.file("cases.jsonl", line(R"({"api": "index_sample", "args": [{"tensor": {"dtype": "complex64",
    "shape": [3, 4], "fill": {"kind": "bits", "seed": 3}}}, {"tensor": {"dtype": "int32", "shape": [3, 4],
    "data": [0,1,2,3,0,1,2,3,0,1,2,3]}}]})"));
  const auto once = lines_of(halfulp_program("eval --backend cpu '" + file.string() + "'").out);
  json again = json::parse(line(text_of(file)));
  again["args"][0]["tensor"] = once.at(0)["outputs"][0];
  const auto file2 = s.file("again.jsonl", again.dump() + "\n");
  CHECK(lines_of(halfulp_program("eval --backend cpu '" + file2.string() + "'").out).at(0)["outputs"] ==
        once.at(0)["outputs"]);
}

TEST_CASE("eval: a truncated file is answered up to where it breaks off, and named") {
  const scratch s;
  const auto file = s.file("cases.jsonl", line(sign_case) + sign_case.substr(0, 60));
  const auto run = halfulp_program("eval '" + file.string() + "'");
  CHECK(run.code == 2);
  CHECK(lines_of(run.out).size() == 2);
  CHECK(lines_of(run.out)[1]["kind"] == "malformed");
  CHECK(is_one_sentence(run.err));
  CHECK_THAT(run.err, Catch::Contains("cases.jsonl:2: not JSON"));
}

TEST_CASE("the program: bad input is exit code 2 and one sentence that names it") {
  const scratch s;
  const auto file = s.file("cases.jsonl", line(sign_case));
  const auto empty = s.file("empty.jsonl", "\n");
  const std::vector<std::pair<std::string, std::string>> table{
      {"eval --backend mkl '" + file.string() + "'", "mkl"},
      {"eval /nowhere/cases.jsonl", "/nowhere/cases.jsonl does not exist"},
      {"eval /tmp", "/tmp is a folder"},
      {"eval", "CASES"},
      {"eval --timeout 0 '" + file.string() + "'", "timeout"},
      {"frobnicate", "frobnicate"},
      {"", "subcommand"},
      {"report --op sin --out '" + (s.path / "r").string() + "'", "sin"},
      {"report --backend mkl --out '" + (s.path / "r").string() + "'", "mkl"},
      {"report --cases /nowhere/cases.jsonl --out '" + (s.path / "r").string() + "'", "/nowhere/cases.jsonl"},
      {"report --cases '" + file.string() + "' --out /proc/report", "/proc/report"},
      {"prove sin", "sin"},
      {"prove --timeout nan index_sample", "nan is no time limit"},
      {"eval --timeout nan '" + file.string() + "'", "nan is no time limit"},
      {"report --timeout inf --cases '" + file.string() + "'", "inf is no time limit"},
      {"report --cases '" + empty.string() + "' --out '" + (s.path / "r").string() + "'", "empty.jsonl"},
      {"report -b oracle --cases '" + file.string() + "' --out '" + (s.path / "r").string() + "'", "oracle"},
      {"report --merge a.json --op conv2d --out '" + (s.path / "r").string() + "'", "--op excludes --merge"},
      {"report --merge '" + file.string() + "' --out '" + (s.path / "r").string() + "'",
       "it does not say that it is one"},
      {"report --merge '" + empty.string() + "' --out '" + (s.path / "r").string() + "'", "it is no JSON"},
  };
  for (const auto& [arguments, words] : table) {
    const auto run = halfulp_program(arguments);
    CAPTURE(arguments, run.out, run.err);
    CHECK(run.code == 2);
    CHECK(is_one_sentence(run.err));
    CHECK_THAT(run.err, Catch::Contains(words));
  }
}

TEST_CASE("the program: a peer that is not there is named with what to do") {
  ::setenv("HALFULP_PEERS_PYTHON", "/nowhere/python", 1);
  const auto run = halfulp_program("eval --backend pytorch /dev/null");
  ::unsetenv("HALFULP_PEERS_PYTHON");
  CHECK(run.code == 2);
  CHECK_THAT(run.err, Catch::Contains("/nowhere/python"));
}

TEST_CASE("the program: a report of nothing is no report without a fault, and leaves the rows of an earlier run") {
  const scratch s;
  const auto file = s.file("cases.jsonl", line(sign_case));
  const auto rows = s.file("results.jsonl", "kept\n");
  ::setenv("HALFULP_PEERS_PYTHON", "/nowhere/python", 1);
  const auto run = halfulp_program("report -b pytorch -c '" + file.string() + "' -o '" + s.path.string() + "'");
  ::unsetenv("HALFULP_PEERS_PYTHON");
  CHECK(run.code == 2);
  CHECK(is_one_sentence(run.err));
  CHECK_THAT(run.err, Catch::Contains("pytorch") && Catch::Contains("/nowhere/python"));
  CHECK(text_of(rows) == "kept\n");
}

TEST_CASE("the program: a backend that needs a GPU says what is missing where there is none") {
  for (const std::string name : {"cuda", "cudnn", "cusolver", "torch-cuda", "torch-cuda-tf32"}) {
    const json backends = json::parse(halfulp_program("list --json").out)["backends"];
    const auto entry = std::find_if(backends.begin(), backends.end(), [&](const json& b) { return b["name"] == name; });
    REQUIRE(entry != backends.end());
    if ((*entry)["missing"] == "") {
      WARN(name << " can run here");
      continue;
    }
    const auto run = halfulp_program("eval --backend " + name + " /dev/null");
    CAPTURE(name, run.err);
    CHECK(run.code == 2);
    CHECK(is_one_sentence(run.err));
    CHECK_THAT(run.err, Catch::Contains((*entry)["missing"].get<std::string>()));
    CHECK_THAT(run.err, Catch::Contains("GPU") || Catch::Contains("NVIDIA driver") || Catch::Contains("make cuda") ||
                            Catch::Contains("PyTorch") || Catch::Contains("lib"));
  }
}

TEST_CASE("the program: a bundle runs with its own libraries, and so do the processes that a report starts") {
  const scratch s;
  const std::string folder = (s.path / "bundle").string(), out = (s.path / "report").string();
  const auto bundled =
      run_in_shell("sh '" HALFULP_SOURCE_DIR "/scripts/bundle.sh' '" + program_path() + "' '" + folder + "'");
  CAPTURE(bundled.err);
  REQUIRE(bundled.code == 0);
  const auto file = s.file("cases.jsonl", line(sign_case));
  const auto report = run_in_shell("'" + folder + "/run' report -b cpu -c '" + file.string() + "' -o '" + out + "'");
  CAPTURE(report.out, report.err);
  CHECK(report.code == 0);
  CHECK_THAT(report.out, Catch::Contains("3 numbers compared") && !Catch::Contains("could not be compared"));
  CHECK(fs::exists(out + "/index.html"));
  const auto list = run_in_shell("'" + folder + "/bin/halfulp' list --json");
  REQUIRE(list.code == 0);
  CHECK(json::parse(list.out)["built-in cases"] > 100);
  CHECK_FALSE(fs::exists(folder + "/lib/libcudart.so.13"));
}

TEST_CASE("the program: help has examples, for every subcommand") {
  for (const std::string subcommand : {"", "eval", "report", "prove", "list"}) {
    const auto run = halfulp_program(subcommand + " --help");
    CHECK(run.code == 0);
    CHECK_THAT(run.out, Catch::Contains("Examples:") &&
                            Catch::Contains("halfulp " + (subcommand.empty() ? "eval" : subcommand)));
  }
}

TEST_CASE("list: names ops with their schemas, formats and backends") {
  const auto run = halfulp_program("list --json");
  REQUIRE(run.code == 0);
  const json list = json::parse(run.out);
  CHECK(list["backends"].size() == 11);
  CHECK(list["formats"][0]["precision"] == 11);
  CHECK(list["built-in cases"] > 100);
  CHECK(std::any_of(list["ops"].begin(), list["ops"].end(), [](const json& op) { return op["name"] == "eigvalsh"; }));
  CHECK_THAT(halfulp_program("list").out, Catch::Contains("paddle.copysign"));
}

TEST_CASE("prove: an op that is proved is exit code 0") {
  const auto run = halfulp_program("prove index_sample");
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Catch::Contains("index_sample: proved"));
}
