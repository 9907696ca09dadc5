#include <halfulp/analysis/real_json.hpp>

#include <cmath>
#include <limits>

namespace halfulp::analysis {

nlohmann::json json_of(double x) {
  if (std::isfinite(x)) return x;
  if (std::isnan(x)) return "nan";
  return x > 0 ? "inf" : "-inf";
}

double double_from(const nlohmann::json& j) {
  if (!j.is_string()) return j.get<double>();
  const auto& text = j.get_ref<const std::string&>();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  return std::numeric_limits<double>::quiet_NaN();
}

nlohmann::json json_of(const ulp_bounds& b) {
  return {{"normwise", json_of(b.normwise)},
          {"componentwise", json_of(b.componentwise)},
          {"condition", json_of(b.condition)}};
}

ulp_bounds bounds_from(const nlohmann::json& j) {
  return {double_from(j.at("normwise")), double_from(j.at("componentwise")), double_from(j.at("condition"))};
}

}  // namespace halfulp::analysis
