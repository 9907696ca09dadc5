#include <halfulp/analysis/backends/in_process.hpp>
#include <halfulp/build_info.hpp>
#include <halfulp/kernels/kernel.hpp>

#include <omp.h>

namespace halfulp::analysis {
namespace {

class cpu : public backend {
 public:
  nlohmann::json describe() override {
    nlohmann::json settings = build_settings();
    settings["openblas"] = openblas_settings();
    return {
        {"name", "cpu"}, {"version", build_info::version}, {"threads", omp_get_max_threads()}, {"settings", settings}};
  }

  answer run(const test_case& c) override {
    return answer_with(c, [](const std::string& op, const call& k) {
      kernels::result r = kernels::compute(op, k);
      answer a;
      a.outputs = std::move(r.outputs);
      a.decided = r.decided;
      return a;
    });
  }
};

}  // namespace

const backend_entry cpu_backend{"cpu", "halfulp's CPU kernels: every result rounded once",
                                []() -> std::unique_ptr<backend> { return std::make_unique<cpu>(); }, no_command,
                                nothing_missing};

}  // namespace halfulp::analysis
