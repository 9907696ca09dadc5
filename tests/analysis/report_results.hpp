#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <halfulp/analysis/report/model.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::tests {

/// An exact float32 result, its bounds, and what a backend gave for it.
struct compared_number {
  float exact;
  float got;
  ulp_bounds bounds = {8, 2};
};

inline tensor float_tensor(std::int64_t n) {
  return {dtype::float32, extents{n}};
}

/// The score of numbers compared one by one.
inline analysis::score score_of(const std::vector<compared_number>& numbers) {
  const auto n = static_cast<std::int64_t>(numbers.size());
  truth t{float_tensor(n), {}, false};
  const tensor got = float_tensor(n);
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    t.rounded.elements<float>()[k] = numbers[k].exact;
    got.elements<float>()[k] = numbers[k].got;
    t.components.push_back({component_range::point(to_real(numbers[k].exact)), tier::exact, true, numbers[k].bounds});
  }
  return analysis::score_output(t, got, 0);
}

/// 1 off by `ulps` units in the last place.
inline float one_plus(int ulps) {
  return 1 + static_cast<float>(ulps) * 0x1p-23F;
}

inline analysis::case_result result_of(const std::string& op, const std::string& backend, const std::string& case_text,
                                       const std::vector<compared_number>& numbers) {
  analysis::case_result r;
  r.op = op;
  r.backend = backend;
  r.format = "float32";
  r.case_text = case_text;
  r.came_out = analysis::outcome::scored;
  r.scored = score_of(numbers);
  return r;
}

inline analysis::case_result failed_result(const std::string& op, const std::string& backend,
                                           const std::string& case_text, analysis::outcome o,
                                           const std::string& message = "") {
  analysis::case_result r = result_of(op, backend, case_text, {});
  r.scored = {};
  r.came_out = o;
  r.message = message;
  return r;
}

inline analysis::report_run a_run(const std::string& id, std::int64_t cases) {
  analysis::report_run r;
  r.id = id;
  r.program = "halfulp";
  r.cases = cases;
  r.cases_done = cases;
  return r;
}

/// A folder of its own for a test, removed with it.
class scratch_folder {
 public:
  scratch_folder() {
    std::random_device random;
    path_ = std::filesystem::temp_directory_path() / fmt::format("halfulp-{:08x}{:08x}", random(), random());
    std::filesystem::create_directories(path_);
  }
  ~scratch_folder() { std::filesystem::remove_all(path_); }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string text_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace halfulp::tests
