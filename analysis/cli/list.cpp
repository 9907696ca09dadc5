#include <algorithm>
#include <memory>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <halfulp/analysis/backends/backend.hpp>
#include <halfulp/analysis/cases/case_file.hpp>
#include <halfulp/analysis/cases/fill.hpp>
#include <halfulp/analysis/cli/command.hpp>
#include <halfulp/build_info.hpp>
#include <halfulp/oracle/ops.hpp>

namespace halfulp::cli {
namespace {

using namespace halfulp::analysis;
using nlohmann::json;

json ops() {
  json list = json::array();
  for_each_op([&](auto tag) {
    using op = typename decltype(tag)::type;
    list.push_back({{"name", op::name},
                    {"schema", op::schema},
                    {"apis", op::apis},
                    {"dtypes", names_of(typename op::element_types{})}});
  });
  return list;
}

json formats() {
  json list = json::array();
  for (const format& f : {format_of<float16>, format_of<bfloat16>, format_of<float>, format_of<double>})
    list.push_back({{"name", f.name}, {"precision", f.precision}, {"e_min", f.e_min}, {"e_max", f.e_max}});
  return list;
}

json backends() {
  json list = json::array();
  for (const backend_entry& b : all_backends())
    list.push_back({{"name", b.name}, {"what", b.what}, {"missing", b.missing()}});
  return list;
}

/// How many calls a report makes of the built-in cases: one that is in two corpora is made once.
std::size_t built_in_calls() {
  auto cases = built_in_cases();
  drop_repeats(cases);
  return cases.size();
}

json contents() {
  return {{"version", build_info::version},
          {"built in",
           {{"compiler", build_info::compiler},
            {"build type", build_info::build_type},
            {"sanitizers", build_info::sanitizers},
            {"CUDA", build_info::cuda},
            {"LibTorch", build_info::libtorch}}},
          {"ops", ops()},
          {"formats", formats()},
          {"backends", backends()},
          {"fills", fill_kinds()},
          {"built-in cases", built_in_calls()}};
}

void print_text(const json& c) {
  fmt::print("halfulp {}\n\nOps\n", c["version"].get<std::string>());
  for (const json& op : c["ops"]) {
    fmt::print("  {}\n      {}\n", op["schema"].get<std::string>(), op["dtypes"].get<std::string>());
    for (const json& api : op["apis"]) fmt::print("      {}\n", api.get<std::string>());
  }
  fmt::print("\nFormats{:17}{:>10}{:>8}{:>8}\n", "", "precision", "e_min", "e_max");
  for (const json& f : c["formats"])
    fmt::print("  {:22}{:>10}{:>8}{:>8}\n", f["name"].get<std::string>(), f["precision"].get<int>(),
               f["e_min"].get<int>(), f["e_max"].get<int>());
  fmt::print("\nBackends\n");
  for (const json& b : c["backends"]) {
    const auto missing = b["missing"].get<std::string>();
    fmt::print("  {:17}{}{}\n", b["name"].get<std::string>(), b["what"].get<std::string>(),
               missing.empty() ? "" : "\n            MISSING: " + missing);
  }
  fmt::print("\nBuilt in\n");
  for (const auto& [name, value] : c["built in"].items())
    fmt::print("  {:14}{}\n", name, value.is_boolean() ? (value.get<bool>() ? "on" : "off") : value.get<std::string>());
  std::string kinds;
  for (const json& kind : c["fills"]) kinds += (kinds.empty() ? "" : ", ") + kind.get<std::string>();
  fmt::print("\nCases: {} built in; fills: {}\n", c["built-in cases"].get<std::size_t>(), kinds);
}

}  // namespace

void add_list(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("list", "Ops, formats, backends, and what is built in");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "One JSON object instead of text");
  command->footer("\nExamples:\n  halfulp list\n  halfulp list --json | python3 -m json.tool\n");
  command->callback([as_json, &code] {
    const json c = contents();
    if (*as_json) {
      fmt::print("{}\n", c.dump());
    } else {
      print_text(c);
    }
    code = holds;
  });
}

}  // namespace halfulp::cli
