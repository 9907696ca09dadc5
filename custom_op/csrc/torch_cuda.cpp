// The ops for tensors on a GPU: on the caller's stream, with workspace of PyTorch's caching allocator. Those without a
// CUDA kernel are there, too, and refuse the call.

#define USE_CUDA  // the headers' own name for their functions of streams

#include "torch_call.hpp"

#include <torch/csrc/stable/accelerator.h>

#include <map>

#include <halfulp/kernels/cuda_call.hpp>

namespace halfulp::custom_op {
namespace {

/// Workspace as tensors of bytes: the caching allocator keeps their memory for what comes later on the same stream.
class tensor_memory final : public kernels::cuda_memory {
 public:
  explicit tensor_memory(int device) : device_(device) {}

  void* allocate(std::size_t bytes, void*) override {
    tensor_view view;
    Tensor t = empty({dtype::uint8, {static_cast<std::int64_t>(bytes)}}, device_, view);
    return live_.emplace(view.data, std::move(t)).first->first;
  }
  void release(void* memory, void*) override { live_.erase(memory); }

 private:
  int device_;
  std::map<void*, Tensor> live_;
};

void* current_stream(int device) {
  void* stream = nullptr;
  TORCH_ERROR_CODE_CHECK(aoti_torch_get_current_cuda_stream(device, &stream));
  return stream;
}

std::vector<Tensor> compute_on_device(const call& c, int device) {
  const torch::stable::accelerator::DeviceGuard current(device);
  std::vector<Tensor> outputs;
  tensor_memory workspace(device);
  const auto make = [&](const tensor_type& type) {
    tensor_view view;
    outputs.push_back(empty(type, device, view));
    return view;
  };
  kernels::compute_on_cuda(c.op(), c, make, device, {current_stream(device), &workspace});
  return outputs;
}

}  // namespace
}  // namespace halfulp::custom_op

STABLE_TORCH_LIBRARY_IMPL(halfulp, CUDA, m) {
  halfulp::custom_op::implement_all<&halfulp::custom_op::compute_on_device>(m);
}
