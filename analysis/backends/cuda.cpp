// What runs on a GPU without Python: halfulp's CUDA kernels, cuDNN and cuSOLVER, each in a worker of its own beside this
// program, linked with its libraries, so that a fault of the device or a library that is not there ends only that.
#include <halfulp/analysis/backends/gpu.hpp>
#include <halfulp/analysis/backends/in_process.hpp>
#include <halfulp/analysis/backends/isolated.hpp>
#include <halfulp/analysis/program_path.hpp>

namespace halfulp::analysis {
namespace {

template <const backend_entry& entry>
std::filesystem::path worker() {
  return own_program().parent_path() / ("halfulp_" + std::string(entry.name) + "_worker");
}

template <const backend_entry& entry>
std::unique_ptr<backend> make() {
  return std::make_unique<isolated_backend>(entry, default_timeout);
}

template <const backend_entry& entry>
std::vector<std::string> command() {
  return {worker<entry>().string()};
}

/// The worker itself finds out whether its libraries are there.
template <const backend_entry& entry>
std::string missing() {
  if (!std::filesystem::exists(worker<entry>()))
    return worker<entry>().string() +
           " is missing: build/cuda/bin has it, beside a halfulp of its own, where `make cuda` finds nvcc" +
           (entry.name == "cudnn" ? " and cuDNN" : "");
  if (const std::string& gpu = missing_gpu(); !gpu.empty()) return gpu;
  const nlohmann::json d = make<entry>()->describe();
  return d.contains("error") ? worker<entry>().filename().string() + " " + d["error"].get<std::string>() : "";
}

}  // namespace

const backend_entry cuda_backend{"cuda", "halfulp's CUDA kernels: the bits of its CPU kernels, on a GPU",
                                 make<cuda_backend>, command<cuda_backend>, missing<cuda_backend>};
const backend_entry cudnn_backend{"cudnn", "cuDNN: convolutions and their gradients, TF32 off", make<cudnn_backend>,
                                  command<cudnn_backend>, missing<cudnn_backend>};
const backend_entry cusolver_backend{"cusolver", "cuSOLVER: eigvalsh, eigvals, cholesky_solve", make<cusolver_backend>,
                                     command<cusolver_backend>, missing<cusolver_backend>};

}  // namespace halfulp::analysis
