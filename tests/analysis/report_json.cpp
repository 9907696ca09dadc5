#include <catch2/catch.hpp>

#include <cstdlib>
#include <limits>

#include <halfulp/analysis/report/files.hpp>
#include <halfulp/analysis/report/json.hpp>

#include "report_results.hpp"

using namespace halfulp;
using namespace halfulp::analysis;
using namespace halfulp::tests;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinite = std::numeric_limits<float>::infinity();

/// Something of everything that a report can hold.
report_model full_report() {
  report_model m;
  m.runs = {a_run("1", 9)};
  m.runs[0].made_on = this_machine();
  m.backends = {{"torch", true, "1.13", {{"threads", 1}}, ""}, {"pytorch", false, "", {}, "make peers"}};
  m.add(result_of("conv2d", "torch", "explained", {{1, 1}, {1, one_plus(1)}}));
  m.add(result_of("conv2d", "torch", "avoidable", {{1, one_plus(4)}}));
  m.add(result_of("conv2d", "torch", "beyond",
                  {{1, one_plus(99)}, {1, infinite}, {1, not_a_number}, {not_a_number, not_a_number}, {0, 1}}));
  m.add(result_of("conv2d", "torch", "no bound", {{1, one_plus(7), {infinite, infinite}}}));
  for (std::size_t k = 1; k < outcome_names.size(); ++k)
    m.add(
        failed_result("conv2d", "torch", "outcome " + std::to_string(k), static_cast<outcome>(k), "\"quoted\"\n\xff"));
  auto none = failed_result("index_sample", "torch", "without a dtype", outcome::refused_by_both);
  none.format.clear();
  m.add(none);
  return m;
}

/// What jsonschema says of report.json; empty if it is valid.
std::string schema_errors(const std::filesystem::path& report) {
  const auto schema = std::filesystem::path(HALFULP_SOURCE_DIR) / "docs/report.schema.json";
  const std::filesystem::path script = report.string() + ".py";
  const std::filesystem::path said = report.string() + ".txt";
  std::ofstream(script) << "import json, sys, jsonschema\n"
                           "validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))\n"
                           "validator.check_schema(validator.schema)\n"
                           "for e in validator.iter_errors(json.load(open(sys.argv[2]))):\n"
                           "  print('/'.join(map(str, e.path)), e.message[:300])\n";
  const std::string command = fmt::format("/usr/bin/python3 '{}' '{}' '{}' > '{}' 2>&1", script.string(),
                                          schema.string(), report.string(), said.string());
  const int status = std::system(command.c_str());
  return text_of_file(said) + (status == 0 ? "" : "python failed");
}

}  // namespace

TEST_CASE("report.json: what is written is what docs/report.schema.json describes") {
  const scratch_folder folder;
  write_report(full_report(), folder.path());
  CHECK(schema_errors(folder / "report.json") == "");
  write_report(report_model{}, folder.path());
  CHECK(schema_errors(folder / "report.json") == "");
}

TEST_CASE("report.json: the schema refuses what is not described") {
  const scratch_folder folder;
  auto j = json_of(full_report());
  const auto said_of = [&](const nlohmann::json& changed) {
    std::ofstream(folder / "x.json") << changed.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return schema_errors(folder / "x.json");
  };
  auto extra = j;
  extra["cells"][0]["more"] = 1;
  CHECK_THAT(said_of(extra), Catch::Contains("more"));
  auto missing = j;
  missing["runs"][0]["machine"].erase("kernel");
  CHECK_THAT(said_of(missing), Catch::Contains("kernel"));
  auto negative = j;
  negative["cells"][0]["numbers"] = -1;
  CHECK_THAT(said_of(negative), Catch::Contains("-1"));
}

TEST_CASE("report.json: reading it back gives the same report") {
  const scratch_folder folder;
  const report_model m = full_report();
  write_report(m, folder.path());
  const auto text = [](const report_model& x) {
    return json_of(x).dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  CHECK(text(read_report(folder / "report.json")) + "\n" == text_of_file(folder / "report.json"));
}

TEST_CASE("report.json: counts of outcomes and verdicts add up to the cases and numbers") {
  const auto j = json_of(full_report());
  std::int64_t cases = 0, numbers = 0;
  for (const auto& n : j["totals"]["outcomes"]) cases += n.get<std::int64_t>();
  for (const auto& n : j["totals"]["verdicts"]) numbers += n.get<std::int64_t>();
  CHECK(cases == 4 + 8 + 1);
  CHECK(numbers == 2 + 1 + 5 + 1);
  CHECK(j["totals"]["numbers"] == numbers);
}

TEST_CASE("report.json: a file that is missing or no report is refused by its name") {
  const scratch_folder folder;
  CHECK_THROWS_WITH(read_report(folder / "none.json"), Catch::Contains("none.json"));
  for (const char* text :
       {"", "{", "[]", "{\"format\": \"other\"}", "{\"format\": \"halfulp report\", \"format_version\": 1}"}) {
    std::ofstream(folder / "bad.json") << text;
    CHECK_THROWS_AS(read_report(folder / "bad.json"), invalid_argument);
    CHECK_THROWS_WITH(read_report(folder / "bad.json"), Catch::Contains("bad.json"));
  }
}

TEST_CASE("report: a case too long for a command line is written beside the report") {
  const scratch_folder folder;
  report_model m;
  const std::string text = "{\"api\": \"" + std::string(1000, 'x') + "\"}";
  m.add(result_of("conv2d", "torch", text, {{1, one_plus(99)}}));
  write_report(m, folder.path());
  const auto j = nlohmann::json::parse(text_of_file(folder / "report.json"));
  const std::string command = j["worst"][0]["reproduction"];
  const std::string file = command.substr(command.rfind(' ') + 1);
  CHECK(text_of_file(folder / file) == text + "\n");
}

TEST_CASE("report: a folder that cannot be written to is refused by its name") {
  const scratch_folder folder;
  std::ofstream(folder / "file") << "x";
  CHECK_THROWS_WITH(make_folder(folder / "file"), Catch::Contains("file"));
  CHECK_THROWS_AS(make_folder(folder / "file/below"), invalid_argument);
  CHECK_THROWS_AS(make_folder("/proc/none"), invalid_argument);
  make_folder(folder / "new/folder");
  CHECK(std::filesystem::is_directory(folder / "new/folder"));
}
