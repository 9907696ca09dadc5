// A convolution and its gradients by cuDNN.
#pragma once

#include <halfulp/analysis/backends/cudnn_image.hpp>
#include <halfulp/analysis/backends/cudnn_library.hpp>
#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>

namespace halfulp::analysis::gpu {

template <class T>
void describe_image(const tensor_descriptor& d, const cudnn_image& i) {
  check(cudnnSetTensor4dDescriptor(d, CUDNN_TENSOR_NCHW, cudnn_type<T>, cudnn_size(i.images), cudnn_size(i.channels),
                                   cudnn_size(i.rows.size), cudnn_size(i.columns.size)),
        "cudnnSetTensor4dDescriptor");
}
template <class T>
void describe_channels(const tensor_descriptor& d, std::int64_t channels) {
  check(cudnnSetTensor4dDescriptor(d, CUDNN_TENSOR_NCHW, cudnn_type<T>, 1, cudnn_size(channels), 1, 1),
        "cudnnSetTensor4dDescriptor");
}

/// T: float16, bfloat16, float or double. Members take and give the elements of the op's tensors in host memory; they throw
/// cudnn_refused, unsupported (empty tensors), device_error.
template <class T>
class cudnn_convolution {
 public:
  explicit cudnn_convolution(const op::conv2d::geometry<run>& g)
      : nhwc_(g.data_layout == op::conv2d::layout::nhwc),
        x_{g.x.dim[0], g.group_inputs * g.groups, input_axis::of(g.rows), input_axis::of(g.columns), nhwc_},
        y_{g.x.dim[0], g.weight.dim[0], input_axis::plain(g.rows.out), input_axis::plain(g.columns.out), nhwc_},
        weights_(static_cast<std::size_t>(g.weight.numel)) {
    describe_image<T>(x_type_, x_);
    describe_image<T>(y_type_, y_);
    check(cudnnSetFilter4dDescriptor(weight_type_, cudnn_type<T>, CUDNN_TENSOR_NCHW, cudnn_size(g.weight.dim[0]),
                                     cudnn_size(g.weight.dim[1]), cudnn_size(g.weight.dim[2]),
                                     cudnn_size(g.weight.dim[3])),
          "cudnnSetFilter4dDescriptor");
    check(cudnnSetConvolution2dDescriptor(
              convolution_, static_cast<int>(x_.rows.padding), static_cast<int>(x_.columns.padding),
              cudnn_size(g.rows.stride), cudnn_size(g.columns.stride), cudnn_size(g.rows.dilation),
              cudnn_size(g.columns.dilation), CUDNN_CROSS_CORRELATION, cudnn_type<cudnn_sum<T>>),
          "cudnnSetConvolution2dDescriptor");
    check(cudnnSetConvolutionGroupCount(convolution_, cudnn_size(g.groups)), "cudnnSetConvolutionGroupCount");
    set_math(sizeof(T) == 2 ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH);
  }

  std::vector<T> forward(std::span<const T> x, std::span<const T> weight, std::span<const T> bias) {
    const T *const from = image(x_, x), *const by = memory_.copy(weight.data(), weights_);
    T* const y = memory_.template room<T>(y_.size() * sizeof(T));
    run_first<cudnnConvolutionFwdAlgoPerf_t>(
        [&](int most, int* n, auto* found) {
          return cudnnGetConvolutionForwardAlgorithm_v7(cudnn_handle(), x_type_, weight_type_, convolution_, y_type_,
                                                        most, n, found);
        },
        [&](auto algorithm, void* room, std::size_t bytes) {
          return cudnnConvolutionForward(cudnn_handle(), &one, x_type_, from, weight_type_, by, convolution_, algorithm,
                                         room, bytes, &zero, y_type_, y);
        });
    add_bias(bias, y_type_, y_, y);
    return result(y_, y);
  }

  std::vector<T> input_grad(std::span<const T> dy, std::span<const T> weight, std::span<const T> bias) {
    const T *const from = image(y_, dy), *const by = memory_.copy(weight.data(), weights_);
    T* const dx = memory_.template room<T>(x_.size() * sizeof(T));
    run_first<cudnnConvolutionBwdDataAlgoPerf_t>(
        [&](int most, int* n, auto* found) {
          return cudnnGetConvolutionBackwardDataAlgorithm_v7(cudnn_handle(), weight_type_, y_type_, convolution_,
                                                             x_type_, most, n, found);
        },
        [&](auto algorithm, void* room, std::size_t bytes) {
          return cudnnConvolutionBackwardData(cudnn_handle(), &one, weight_type_, by, y_type_, from, convolution_,
                                              algorithm, room, bytes, &zero, x_type_, dx);
        });
    add_bias(bias, x_type_, x_, dx);
    return result(x_, dx);
  }

  std::vector<T> weight_grad(std::span<const T> dy, std::span<const T> x) {
    const T *const by = image(y_, dy), *const from = image(x_, x);
    T* const dweight = memory_.template room<T>(weights_ * sizeof(T));
    run_first<cudnnConvolutionBwdFilterAlgoPerf_t>(
        [&](int most, int* n, auto* found) {
          return cudnnGetConvolutionBackwardFilterAlgorithm_v7(cudnn_handle(), x_type_, y_type_, convolution_,
                                                               weight_type_, most, n, found);
        },
        [&](auto algorithm, void* room, std::size_t bytes) {
          return cudnnConvolutionBackwardFilter(cudnn_handle(), &one, x_type_, from, y_type_, by, convolution_,
                                                algorithm, room, bytes, &zero, weight_type_, dweight);
        });
    std::vector<T> host(weights_);
    read(host.data(), dweight, weights_);
    return host;
  }

 private:
  static constexpr cudnn_sum<T> one = 1, zero = 0;

  const T* image(const cudnn_image& i, std::span<const T> elements) {
    const auto laid = i.laid_out(elements);
    return memory_.copy(laid.data(), laid.size());
  }
  std::vector<T> result(const cudnn_image& i, const T* on_device) const {
    std::vector<T> host(i.size());
    read(host.data(), on_device, host.size());
    return i.taken_from(host);
  }
  void add_bias(std::span<const T> bias, const tensor_descriptor& type, const cudnn_image& i, T* y) {
    if (bias.empty()) return;
    const tensor_descriptor bias_type;
    describe_channels<T>(bias_type, i.channels);
    check(cudnnAddTensor(cudnn_handle(), &one, bias_type, memory_.copy(bias.data(), bias.size()), &one, type, y),
          "cudnnAddTensor");
  }
  void set_math(cudnnMathType_t math) {
    check(cudnnSetConvolutionMathType(convolution_, math), "cudnnSetConvolutionMathType");
  }

  /// The first algorithm of cuDNN's own choice that runs. choose(most, count, found), run(algorithm, workspace, its bytes)
  template <class Found, class Choose, class Run>
  void run_first(Choose choose, Run run) {
    constexpr int most = 10;
    Found found[most];
    int count = 0;
    check(choose(most, &count, found), "cudnnGetConvolution...Algorithm_v7");
    cudnnStatus_t last = CUDNN_STATUS_NOT_SUPPORTED;
    for (int k = 0; k < count; ++k) {
      if (found[k].status != CUDNN_STATUS_SUCCESS) continue;
      if (sizeof(T) == 2) set_math(found[k].mathType);
      last = run(found[k].algo, memory_.room(found[k].memory), found[k].memory);
      if (last == CUDNN_STATUS_SUCCESS) return;
    }
    check(last, "every algorithm for this convolution");
  }

  bool nhwc_;
  cudnn_image x_, y_;
  std::size_t weights_;
  tensor_descriptor x_type_, y_type_;
  filter_descriptor weight_type_;
  convolution_descriptor convolution_;
  memory memory_;
};

/// The sum of dy over all but its channels.
template <class T>
std::vector<T> cudnn_bias_grad(std::span<const T> dy, const op::conv2d_bias_grad::geometry<run>& g) {
  const bool nhwc = g.data_layout == op::conv2d::layout::nhwc;
  const int h = nhwc ? 1 : 2;
  const cudnn_image image{g.dy.dim[0], g.dbias.dim[0], input_axis::plain(g.dy.dim[h]),
                          input_axis::plain(g.dy.dim[h + 1]), nhwc};
  const tensor_descriptor type, bias_type;
  describe_image<T>(type, image);
  describe_channels<T>(bias_type, image.channels);
  const cudnn_sum<T> one = 1, zero = 0;
  memory held;
  const auto laid = image.laid_out(dy);
  std::vector<T> sums(static_cast<std::size_t>(image.channels));
  T* const out = held.room<T>(sums.size() * sizeof(T));
  check(cudnnConvolutionBackwardBias(cudnn_handle(), &one, type, held.copy(laid.data(), laid.size()), &zero, bias_type,
                                     out),
        "cudnnConvolutionBackwardBias");
  read(sums.data(), out, sums.size());
  return sums;
}

}  // namespace halfulp::analysis::gpu
