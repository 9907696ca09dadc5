// Which kernels a run of the tests launches. The linker leads both ways to launch one to here (tests/CMakeLists.txt); where
// HALFULP_LAUNCHED names a folder, a process leaves a file in it at its end: a line for each kernel, how often it was
// launched, and its mangled name.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include <cuda_runtime_api.h>

namespace halfulp::tests {
namespace {

class launched_kernels {
 public:
  ~launched_kernels() {
    if (folder_ == nullptr) return;
    std::FILE* const file = std::fopen((std::string(folder_) + "/" + std::to_string(::getpid())).c_str(), "w");
    if (file == nullptr) return;
    for (const auto& [name, times] : launches_) std::fprintf(file, "%lld %s\n", times, name.c_str());
    std::fclose(file);
  }

  void count(const void* kernel) {
    if (folder_ == nullptr) return;
    const char* name = nullptr;
    if (cudaFuncGetName(&name, kernel) != cudaSuccess) name = "unknown";
    const std::scoped_lock lock(mutex_);
    ++launches_[name];
  }

 private:
  const char* folder_ = std::getenv("HALFULP_LAUNCHED");
  std::mutex mutex_;
  std::map<std::string, long long> launches_;
};

launched_kernels& launched() {
  static launched_kernels all;
  return all;
}

}  // namespace
}  // namespace halfulp::tests

// Names that begin with two underscores are the linker's: --wrap=f calls __wrap_f for f, and __real_f is f.
extern "C" {
cudaError_t __real_cudaLaunchKernelExC(const cudaLaunchConfig_t* config, const void* kernel, void** arguments);
cudaError_t __real___cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments, std::size_t shared,
                                      cudaStream_t stream);

cudaError_t __wrap_cudaLaunchKernelExC(const cudaLaunchConfig_t* config, const void* kernel, void** arguments) {
  halfulp::tests::launched().count(kernel);
  return __real_cudaLaunchKernelExC(config, kernel, arguments);
}

cudaError_t __wrap___cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments, std::size_t shared,
                                      cudaStream_t stream) {
  halfulp::tests::launched().count(kernel);
  return __real___cudaLaunchKernel(kernel, grid, block, arguments, shared, stream);
}
}
