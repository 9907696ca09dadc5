#pragma once

#include <string>

#include <halfulp/analysis/report/model.hpp>

namespace halfulp::analysis {

/// "torch: conv2d in float32 is 2.9×10¹⁰ ULP off"
std::string headline(const finding& f);
/// What was got and what is right, and what the bounds say of it; or the message of the failure. One or two sentences.
std::string explanation(const finding& f);
/// What a witness shows: "output[0, 3] is 1.5; correctly rounded it is 1.25"
std::string numbers_of(const witness& w);
/// "output[0, 3]", "outputs[1][2].imag"
std::string place_of(const witness& w);

/// A shell line that shows the answer again. Cases too long for a line are read from the file `case_file` names,
/// relative to the report's folder.
std::string reproduction(const std::string& case_text, const std::string& backend);
/// The shell line after which `halfulp` in reproductions is the program that made the report; empty if it is not known.
std::string path_line(const report_model& m);
/// Where a case too long for a line is written, "cases/0123456789abcdef.jsonl"; empty for a short one.
std::string case_file(const std::string& case_text);

/// What was compared, in one sentence, and what came of it, in another.
std::string summary(const report_model& m);
/// Why the report says less than was asked for: interrupted runs, undecided roundings, missing backends; or empty.
std::vector<std::string> caveats(const report_model& m);

/// One line a kind: what it means that a finding is of it.
std::string_view meaning(finding_kind k);

}  // namespace halfulp::analysis
