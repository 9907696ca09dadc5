#pragma once

#include <string>
#include <string_view>

#include <halfulp/analysis/report/model.hpp>

namespace halfulp::analysis {

/// How many findings lead a report, on the page, in Markdown and on the terminal.
inline constexpr std::size_t leading_findings = 5;

/// The whole report as one HTML page: no script, no font, no image from elsewhere.
std::string html_page(const report_model& m);

namespace page {

extern const std::string_view style;  ///< the style sheet

std::string findings_section(const report_model& m);
std::string overview_section(const report_model& m);
std::string table_section(const report_model& m);
std::string op_sections(const report_model& m);
std::string setup_section(const report_model& m);
std::string reading_section();

/// "op-conv2d": an anchor; characters that an id cannot hold become their codes.
std::string anchor(std::string_view kind, std::string_view name);
/// A mark and a word in the verdict's or finding's colour.
std::string tag(std::string_view name);
/// The shell line that shows an answer again; one click selects it whole.
std::string command(const std::string& case_text, const std::string& backend);

}  // namespace page

}  // namespace halfulp::analysis
