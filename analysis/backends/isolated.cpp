#include <halfulp/analysis/backends/isolated.hpp>

#include <system_error>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/backends/in_process.hpp>
#include <halfulp/analysis/program_path.hpp>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

std::vector<std::string> command_of(const backend_entry& entry) {
  auto command = entry.worker_command();
  if (!command.empty()) return command;
  return {(own_program().parent_path() / "halfulp").string(),
          "eval",
          "--backend",
          std::string(entry.name),
          "--bits",
          "--time",
          "-"};
}

std::string text_of(const json& j) {
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

answer failed_answer(const line_process::reply& r) {
  return answer::of(r.kind == line_process::came::timed_out ? failure::timed_out : failure::crashed, r.text);
}

}  // namespace

isolated_backend::isolated_backend(const backend_entry& entry, duration timeout)
    : name_(entry.name), is_worker_(!entry.worker_command().empty()), timeout_(timeout), process_(command_of(entry)) {}

isolated_backend::isolated_backend(std::string name, std::vector<std::string> command, duration timeout)
    : name_(std::move(name)), is_worker_(true), timeout_(timeout), process_(std::move(command)) {}

json isolated_backend::describe() {
  try {
    const auto reply = process_.ask("{\"describe\": true}", start_timeout);
    if (reply.kind != line_process::came::line) return {{"name", name_}, {"error", reply.text}};
    return json::parse(reply.text).at("describe");
  } catch (const std::system_error& e) {
    return {{"name", name_}, {"error", e.what()}};
  } catch (const json::exception&) {
    return {{"name", name_}, {"error", "its description is not as docs/eval.md says"}};
  }
}

std::string isolated_backend::start() {
  if (process_.running()) return {};
  const json d = describe();
  return d.contains("error") ? d["error"].get<std::string>() : std::string();
}

answer isolated_backend::ask(const std::string& line) {
  try {
    if (const std::string error = start(); !error.empty())
      return answer::of(failure::crashed, "does not start: " + error);
    const auto reply = process_.ask(line, timeout_);
    if (reply.kind != line_process::came::line) return failed_answer(reply);
    return answer_from_json(parse_json_line(reply.text));
  } catch (const std::runtime_error& e) {  // no process, or an answer that is none
    process_.stop();
    return answer::of(failure::failed, e.what());
  }
}

answer isolated_backend::run(const test_case& c) {
  if (!is_worker_) {
    json line = {{"api", c.api}, {"args", c.args}, {"kwargs", c.kwargs}, {"where", c.where}};
    return ask(text_of(line));
  }
  return answer_with(c, [this](const std::string&, const call& k) { return ask(text_of(normalized(k))); });
}

}  // namespace halfulp::analysis
