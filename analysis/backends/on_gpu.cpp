#include <halfulp/analysis/backends/on_gpu.hpp>

#include <cstdlib>
#include <iostream>

#include <halfulp/analysis/backends/replies.hpp>
#include <halfulp/analysis/backends/serve.hpp>

namespace halfulp::analysis::gpu {
namespace {

constexpr int lost_device = 3;  // an exit code

/// "13.0"
std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

class guarded : public backend {
 public:
  explicit guarded(std::unique_ptr<backend> inner) : inner_(std::move(inner)) {}
  nlohmann::json describe() override { return inner_->describe(); }
  answer run(const test_case& c) override {
    answer a = inner_->run(c);
    if (const cudaError_t code = cudaDeviceSynchronize(); code != cudaSuccess) {
      std::cerr << "the device is lost: " << cudaGetErrorString(code) << '\n';
      std::_Exit(lost_device);
    }
    return a;
  }

 private:
  std::unique_ptr<backend> inner_;
};

class missing : public backend {
 public:
  missing(const char* name, std::string why) : name_(name), why_(std::move(why)) {}
  nlohmann::json describe() override { return {{"name", name_}, {"error", why_}}; }
  answer run(const test_case&) override { return answer::of(failure::failed, why_); }

 private:
  const char* name_;
  std::string why_;
};

std::unique_ptr<backend> made(const char* name, std::unique_ptr<backend> (*make)()) {
  try {
    int devices = 0;
    if (const cudaError_t code = cudaGetDeviceCount(&devices); code != cudaSuccess)
      return std::make_unique<missing>(name, std::string("finds no GPU: ") + cudaGetErrorString(code));
    return std::make_unique<guarded>(make());
  } catch (const std::exception& e) {
    return std::make_unique<missing>(name, e.what());
  }
}

}  // namespace

nlohmann::json settings() {
  cudaDeviceProp device{};
  int driver = 0, runtime = 0;
  check(cudaFree(nullptr), "cudaFree");  // makes the context, which may take seconds: part of the start, not of a case
  check(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
  check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  return {{"device", device.name},
          {"compute capability", std::to_string(device.major) + "." + std::to_string(device.minor)},
          {"driver's CUDA", version_text(driver)},
          {"CUDA", version_text(runtime)}};
}

int serve(const char* name, std::unique_ptr<backend> (*make)()) {
  try {
    const auto b = made(name, make);
    reply_stream out;
    analysis::serve(*b, std::cin, "standard input", out, {element_notation::bits, true});
    return 0;
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 2;
  }
}

}  // namespace halfulp::analysis::gpu
