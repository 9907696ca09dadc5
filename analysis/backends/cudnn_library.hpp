// cuDNN's convolution functions, checked, for one process.
#pragma once

#include <stdexcept>
#include <string>
#include <type_traits>

#include <cudnn.h>

#include <halfulp/analysis/backends/on_gpu.hpp>
#include <halfulp/oracle/core/dtype.hpp>

namespace halfulp::analysis::gpu {

/// cuDNN's own refusal of its arguments.
struct cudnn_refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// 2000 .. 2999 are the codes for wrong arguments, 3000 .. 3999 those for what is not supported.
inline void check(cudnnStatus_t code, const char* call) {
  if (code == CUDNN_STATUS_SUCCESS) return;
  const std::string text = std::string(call) + " gives " + cudnnGetErrorString(code);
  if (code / 1000 == 2 || code / 1000 == 3) throw cudnn_refused(text);
  throw std::runtime_error(text);
}

/// Handles are costly to make.
inline cudnnHandle_t cudnn_handle() {
  static const cudnnHandle_t handle = [] {
    cudnnHandle_t h = nullptr;
    check(cudnnCreate(&h), "cudnnCreate");
    return h;
  }();
  return handle;
}

template <class D, cudnnStatus_t (*create)(D*), cudnnStatus_t (*destroy)(D)>
class descriptor {
 public:
  descriptor() { check(create(&get_), "cudnnCreate...Descriptor"); }
  ~descriptor() { (void)destroy(get_); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  operator D() const { return get_; }

 private:
  D get_ = nullptr;
};
using tensor_descriptor =
    descriptor<cudnnTensorDescriptor_t, cudnnCreateTensorDescriptor, cudnnDestroyTensorDescriptor>;
using filter_descriptor =
    descriptor<cudnnFilterDescriptor_t, cudnnCreateFilterDescriptor, cudnnDestroyFilterDescriptor>;
using convolution_descriptor =
    descriptor<cudnnConvolutionDescriptor_t, cudnnCreateConvolutionDescriptor, cudnnDestroyConvolutionDescriptor>;

template <class T>
inline constexpr cudnnDataType_t cudnn_type = std::is_same_v<T, float16>    ? CUDNN_DATA_HALF
                                              : std::is_same_v<T, bfloat16> ? CUDNN_DATA_BFLOAT16
                                              : std::is_same_v<T, float>    ? CUDNN_DATA_FLOAT
                                                                            : CUDNN_DATA_DOUBLE;
/// What sums are kept in, and the factors alpha and beta are of.
template <class T>
using cudnn_sum = std::conditional_t<std::is_same_v<T, double>, double, float>;

}  // namespace halfulp::analysis::gpu
