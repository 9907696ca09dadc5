#pragma once

#include <filesystem>

#include <halfulp/analysis/report/model.hpp>

namespace halfulp::analysis {

/// Makes the folder if it is missing. Throws invalid_argument where that fails or no file can be written there.
void make_folder(const std::filesystem::path& out);

/// Where the rows of a run are kept.
std::filesystem::path results_file(const std::filesystem::path& out);

/// Writes report.json, report.md, index.html and the cases that are too long for a command line. A reader never sees
/// half a file. Throws invalid_argument where something cannot be written.
void write_report(const report_model& m, const std::filesystem::path& out);

/// Throws invalid_argument for a file that cannot be read or is no report.
report_model read_report(const std::filesystem::path& file);

}  // namespace halfulp::analysis
