#include <halfulp/analysis/report/files.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <halfulp/analysis/report/json.hpp>
#include <halfulp/analysis/report/markdown.hpp>
#include <halfulp/analysis/report/page.hpp>
#include <halfulp/analysis/report/words.hpp>

namespace halfulp::analysis {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& out, const std::string& why) {
  throw invalid_argument("report", "must be a folder that can be written to",
                         {{"out", out.string() + " (" + why + ")"}});
}

/// Written beside its place and moved there, so that there is always a whole file.
void write_file(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path part = file.string() + ".part";
  {
    std::ofstream out(part, std::ios::binary);
    out << text;
    out.close();
    if (!out) refuse(file, std::strerror(errno));
  }
  std::error_code error;
  std::filesystem::rename(part, file, error);
  if (error) refuse(file, error.message());
}

void write_case(const std::string& case_text, const std::filesystem::path& out) {
  const std::string name = case_file(case_text);
  if (name.empty() || std::filesystem::exists(out / name)) return;
  std::filesystem::create_directories((out / name).parent_path());
  write_file(out / name, case_text + "\n");
}

}  // namespace

void make_folder(const std::filesystem::path& out) {
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) refuse(out, error.message());
  if (!std::filesystem::is_directory(out)) refuse(out, "it is a file");
  if (::access(out.c_str(), W_OK | X_OK) != 0) refuse(out, std::strerror(errno));
}

std::filesystem::path results_file(const std::filesystem::path& out) {
  return out / "results.jsonl";
}

void write_report(const report_model& m, const std::filesystem::path& out) {
  for (const auto& [key, group] : m.findings)
    for (const auto& f : group.worst) write_case(f.case_text, out);
  for (const auto& [key, cell] : m.cells)
    for (const auto& text : cell.worst_case) write_case(text, out);
  // a case's own text may hold any bytes; JSON is UTF-8
  write_file(out / "report.json", json_of(m).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  write_file(out / "report.md", markdown(m));
  write_file(out / "index.html", html_page(m));
}

report_model read_report(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad())
    throw invalid_argument("report", "must be a report.json that can be read",
                           {{"merge", file.string() + " (" + std::strerror(errno) + ")"}});
  const auto j = nlohmann::json::parse(text, nullptr, false);
  return report_from_json(j, file.string());
}

}  // namespace halfulp::analysis
