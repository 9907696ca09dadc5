#include <halfulp/analysis/report/identity.hpp>

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <future>
#include <iterator>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <halfulp/analysis/program_path.hpp>
#include <halfulp/analysis/report/fingerprint.hpp>
#include <halfulp/build_info.hpp>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

/// A fingerprint of a file's bytes.
std::string fingerprint_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  return fmt::format("{:016x}", fingerprint(bytes));
}

/// Of all files that a worker's command names: its program and its script.
std::string fingerprint_of_command(const std::vector<std::string>& command) {
  std::string all;
  for (const auto& word : command)
    if (std::filesystem::is_regular_file(word)) all += " " + fingerprint_of_file(word);
  return all;
}

std::string text_of(const json& j) {
  return j.is_string() ? j.get<std::string>()
         : j.is_null() ? ""
                       : j.dump(-1, ' ', false, json::error_handler_t::replace);
}

report_backend described(const json& d, const backend_entry& entry) {
  report_backend b;
  b.name = entry.name;
  b.available = !d.contains("error");
  if (!b.available) {
    b.missing = "it does not start: " + text_of(d["error"]);
    return b;
  }
  b.version = text_of(d.value("version", json()));
  b.settings = d.value("settings", json::object());
  if (d.contains("threads")) b.settings["threads"] = d["threads"];
  return b;
}

}  // namespace

std::vector<report_backend> describe_all(const std::vector<const backend_entry*>& entries, comparison& c) {
  const std::string program = fingerprint_of_file(own_program());
  // All at once: starting a framework takes seconds.
  std::vector<std::string> missing;
  std::vector<std::future<json>> descriptions;
  for (const backend_entry* entry : entries) {
    missing.push_back(entry->missing());
    const auto describe = [&c, name = std::string(entry->name)] { return c.make(name)->describe(); };
    descriptions.push_back(missing.back().empty() ? std::async(std::launch::async, describe) : std::future<json>());
  }
  std::vector<report_backend> all;
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const backend_entry& entry = *entries[k];
    const std::string name(entry.name);
    if (!missing[k].empty()) {
      all.push_back({name, false, "", json::object(), missing[k]});
      continue;
    }
    const json d = descriptions[k].get();
    all.push_back(described(d, entry));
    if (!all.back().available) continue;
    c.backends.push_back(name);
    c.identity[name] = program + fingerprint_of_command(entry.worker_command()) + text_of(d);
  }
  return all;
}

std::string program_version() {
  return fmt::format("halfulp {} ({}, {})", build_info::version, build_info::compiler, build_info::build_type);
}

std::string utc_now() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

std::string run_id(const report_run& run) {
  const auto ticks = std::chrono::system_clock::now().time_since_epoch().count();
  return fmt::format("{:016x}", fingerprint(fmt::format("{} {} {} {}", run.started, ticks, ::getpid(),
                                                        run.made_on.kernel + run.made_on.processor)));
}

}  // namespace halfulp::analysis
