#include <halfulp/analysis/backends/gpu.hpp>

#include <dlfcn.h>

namespace halfulp::analysis {
namespace {

/// A function of the driver, whose header is part of CUDA and not of a system: every one used here returns 0 if it went well.
template <class F>
F* driver_function(void* driver, const char* name) {
  return reinterpret_cast<F*>(::dlsym(driver, name));
}

std::string ask_driver() {
  void* const driver =
      ::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);  // stays: the driver is not made to be unloaded
  if (driver == nullptr) return "there is no NVIDIA driver (libcuda.so.1)";
  auto* const init = driver_function<int(unsigned)>(driver, "cuInit");
  auto* const count_devices = driver_function<int(int*)>(driver, "cuDeviceGetCount");
  if (init == nullptr || count_devices == nullptr) return "the NVIDIA driver (libcuda.so.1) lacks cuInit";
  if (const int code = init(0); code != 0)
    return "the NVIDIA driver finds no GPU: cuInit gives error " + std::to_string(code);
  int devices = 0;
  if (count_devices(&devices) != 0 || devices == 0) return "the NVIDIA driver finds no GPU";
  return {};
}

}  // namespace

const std::string& missing_gpu() {
  static const std::string missing = ask_driver();
  return missing;
}

}  // namespace halfulp::analysis
