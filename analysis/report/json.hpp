#pragma once

#include <nlohmann/json.hpp>

#include <halfulp/analysis/report/model.hpp>

namespace halfulp::analysis {

/// The report as docs/report.schema.json describes it. Beside what a report is made of stand figures derived from it,
/// for readers that should not have to work them out.
nlohmann::json json_of(const report_model& m);

/// The report that json_of wrote; derived figures are not read. Throws invalid_argument, naming `where`, for anything
/// else.
report_model report_from_json(const nlohmann::json& j, const std::string& where);

}  // namespace halfulp::analysis
