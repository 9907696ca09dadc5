#pragma once

#include <map>
#include <string>

#include <halfulp/analysis/report/model.hpp>
#include <halfulp/analysis/report/svg.hpp>

namespace halfulp::analysis {

/// How errors of one op spread, a panel for each backend, as inline SVG: bars of binades (several binades a bar where
/// the errors span more than fits), counts on a logarithmic scale, the same scales in all panels.
std::string histograms(const report_model& m, const std::string& op);

/// Errors of one op against what the best known algorithms may lose, a panel for each backend; a dot for each case
/// with a wrong number. On the diagonal the error is the bound. Empty where the op has no such case.
std::string scatter_plots(const report_model& m, const std::string& op);

}  // namespace halfulp::analysis
