#include <halfulp/analysis/backends/in_process.hpp>
#include <halfulp/build_info.hpp>
#include <halfulp/oracle/oracle.hpp>

#include <mpfr.h>
#include <omp.h>

namespace halfulp::analysis {
namespace {

class oracle : public backend {
 public:
  nlohmann::json describe() override {
    nlohmann::json settings = build_settings();
    settings["mpfr"] = mpfr_get_version();
    settings["openblas"] = openblas_settings();
    return {{"name", "oracle"},
            {"version", build_info::version},
            {"threads", omp_get_max_threads()},
            {"settings", settings}};
  }

  answer run(const test_case& c) override {
    return answer_with(c, [](const std::string& op, const call& k) {
      answer a;
      a.truths = evaluate(op, k);
      for (const truth& t : a.truths) a.outputs.push_back(t.rounded);
      return a;
    });
  }
};

}  // namespace

const backend_entry oracle_backend{"oracle", "what is true: enclosures of the exact results and their roundings",
                                   []() -> std::unique_ptr<backend> { return std::make_unique<oracle>(); }, no_command,
                                   nothing_missing};

}  // namespace halfulp::analysis
