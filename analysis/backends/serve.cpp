#include <halfulp/analysis/backends/serve.hpp>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/cases/case_file.hpp>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

bool asks_for_description(const std::string& line) {
  static const std::string question = "{\"describe\": true}";
  return line == question;
}

answer answer_to(backend& b, const std::string& line, const std::string& where) {
  try {
    return b.run(parse_case(line, where));
  } catch (const malformed_case& e) {
    return answer::of(failure::malformed, e.what());
  }
}

void note(serve_summary& s, const answer& a, const std::string& where) {
  ++s.lines;
  for (const truth& t : a.truths)
    for (const component_truth& c : t.components) s.undecided_components += c.decided ? 0 : 1;
  if (!a.kind) return;
  ++s.failures[static_cast<std::size_t>(*a.kind)];
  if (s.first.empty()) s.first = a.error.starts_with(where) ? a.error : where + ": " + a.error;
}

}  // namespace

serve_summary serve(backend& b, std::istream& in, const std::string& name, std::ostream& out, const serve_options& o) {
  serve_summary s;
  case_lines lines(in, name);
  for (std::string line, where; lines.next(line, where);) {
    if (asks_for_description(line)) {
      out << json{{"describe", b.describe()}}.dump(-1, ' ', false, json::error_handler_t::replace);
    } else {
      const answer a = answer_to(b, line, where);
      note(s, a, where);
      write(out, a, o.notation, o.with_time);
    }
    out << std::endl;
    if (!out) throw unreadable_file("the output cannot be written");
  }
  return s;
}

}  // namespace halfulp::analysis
