// PyTorch as people run it: a Python worker in the environment that `make peers` installs, on the CPU and on a GPU.
#include <cstdlib>

#include <halfulp/analysis/backends/gpu.hpp>
#include <halfulp/analysis/backends/in_process.hpp>
#include <halfulp/analysis/backends/isolated.hpp>
#include <halfulp/analysis/program_path.hpp>

namespace halfulp::analysis {
namespace {

namespace fs = std::filesystem;

/// $HALFULP_PEERS_PYTHON, or .venv/peers/bin/python in the current folder or one above the program; empty if none.
fs::path python() {
  if (const char* given = std::getenv("HALFULP_PEERS_PYTHON"); given != nullptr) return given;
  const fs::path inside = ".venv/peers/bin/python";
  if (fs::exists(inside)) return fs::absolute(inside);
  for (fs::path dir = own_program().parent_path(); dir != dir.root_path(); dir = dir.parent_path())
    if (fs::exists(dir / inside)) return dir / inside;
  return {};
}

fs::path script() {
  return own_program().parent_path().parent_path() / "share/halfulp/pytorch_worker.py";
}

std::string missing_python() {
  const fs::path p = python();
  if (p.empty())
    return "PyTorch is missing: `make peers` installs it in .venv/peers, or HALFULP_PEERS_PYTHON names a Python that "
           "has it";
  if (!fs::exists(p))
    return "HALFULP_PEERS_PYTHON is " + p.string() + ", which does not exist; it must be a Python with torch";
  if (!fs::exists(script())) return script().string() + " is missing";
  return {};
}

/// Whether this PyTorch was built for GPUs takes seconds to ask: its description says so where it was not.
std::string missing_python_or_gpu() {
  const std::string& gpu = missing_gpu();
  return gpu.empty() ? missing_python() : gpu;
}

template <const backend_entry& entry>
std::unique_ptr<backend> make() {
  return std::make_unique<isolated_backend>(entry, default_timeout);
}

/// The worker is told which of these backends it is.
template <const backend_entry& entry>
std::vector<std::string> command() {
  return {python().string(), "-u", script().string(), std::string(entry.name)};
}

}  // namespace

const backend_entry pytorch_backend{"pytorch", "PyTorch in Python", make<pytorch_backend>, command<pytorch_backend>,
                                    missing_python};
const backend_entry torch_cuda_backend{"torch-cuda", "PyTorch on a GPU, TF32 off", make<torch_cuda_backend>,
                                       command<torch_cuda_backend>, missing_python_or_gpu};
const backend_entry torch_cuda_tf32_backend{"torch-cuda-tf32", "PyTorch on a GPU, TF32 on",
                                            make<torch_cuda_tf32_backend>, command<torch_cuda_tf32_backend>,
                                            missing_python_or_gpu};

}  // namespace halfulp::analysis
