#pragma once

#include <string>

#include <halfulp/analysis/report/model.hpp>

namespace halfulp::analysis {

/// The report as Markdown: what the page says, without its plots.
std::string markdown(const report_model& m);

}  // namespace halfulp::analysis
