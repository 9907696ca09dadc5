// LibTorch, in the one program that links it: halfulp_libtorch_worker, beside this one.
#include <halfulp/analysis/backends/in_process.hpp>
#include <halfulp/analysis/backends/isolated.hpp>
#include <halfulp/analysis/program_path.hpp>

namespace halfulp::analysis {
namespace {

std::filesystem::path worker() {
  return own_program().parent_path() / "halfulp_libtorch_worker";
}

std::string missing_worker() {
  if (std::filesystem::exists(worker())) return {};
  return worker().string() + " is missing: it is built where CMake finds LibTorch (Debian: libtorch-dev)";
}

}  // namespace

const backend_entry torch_backend{
    "torch", "LibTorch in C++",
    []() -> std::unique_ptr<backend> { return std::make_unique<isolated_backend>(torch_backend, default_timeout); },
    [] { return std::vector<std::string>{worker().string()}; }, missing_worker};

}  // namespace halfulp::analysis
