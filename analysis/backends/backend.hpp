#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <halfulp/analysis/answer.hpp>
#include <halfulp/analysis/cases/case.hpp>

namespace halfulp::analysis {

/// Something that answers cases: halfulp's oracle and kernels, and the peers they are compared with.
class backend {
 public:
  virtual ~backend() = default;

  /// {"name", "version", "threads", "settings": {...}}: what a report states, measured where it runs.
  virtual nlohmann::json describe() = 0;
  /// Does not throw for what a case or a peer does: its answer says what is wrong.
  virtual answer run(const test_case& c) = 0;
};

/// A backend by its name.
struct backend_entry {
  std::string_view name;
  std::string_view what;  ///< one line for `halfulp list`
  /// Makes it in this process.
  std::unique_ptr<backend> (*make)();
  /// For a backend that is a program of its own (a worker, docs/eval.md) the command; else empty.
  std::vector<std::string> (*worker_command)();
  /// Empty if it can run here; else the sentence that says what is missing and how to get it.
  std::string (*missing)();
};

/// The one list. A new backend is one file and one line in backends/backend.cpp.
const std::vector<backend_entry>& all_backends();

/// Throws invalid_argument listing the known names.
const backend_entry& backend_named(std::string_view name);

// What backends/<name>.cpp define.
extern const backend_entry oracle_backend, cpu_backend, torch_backend, pytorch_backend, eigen_backend, lapack_backend;
extern const backend_entry cuda_backend, torch_cuda_backend, torch_cuda_tf32_backend, cudnn_backend, cusolver_backend;

}  // namespace halfulp::analysis
