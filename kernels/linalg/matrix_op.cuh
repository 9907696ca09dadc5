// What the CUDA kernels of ops on batches of square matrices share: how many matrices they take at a time, what they leave to the
// CPU, and the types that they are there for.
#pragma once

#include <algorithm>
#include <vector>

#include <halfulp/kernels/core/host_rows.cuh>
#include <halfulp/kernels/kernel.hpp>

namespace halfulp::kernels::cuda {

/// settle(first, count) for `all` matrices, as many at a time as memory is meant to hold of `bytes` each, `most` at most.
template <class F>
void for_each_batch(std::int64_t all, std::int64_t bytes, std::int64_t most, F settle) {
  constexpr std::int64_t most_bytes = std::int64_t{1} << 30;
  const std::int64_t each = std::clamp<std::int64_t>(most_bytes / bytes, 1, std::min(all, most));
  for (std::int64_t first = 0; first < all; first += each) settle(first, std::min(each, all - first));
}

/// `args`, in host memory, by the CPU's kernel; its result, of `shape`, replaces the rows of `out` that are `left`.
template <class Op, class T, class Out>
void compute_rows_on_host(const typename Op::template args<T>& args, const extents& shape, Out* out,
                          std::span<const std::int64_t> left, const cuda_queue& queue) {
  const tensor result(dtype_of<Out>, shape);
  const tensor_view view = result.view();
  note_by_host(queue, compute<Op, T>(args, {&view, 1}));
  const std::span<const Out> rows = result.elements<Out>();
  rows_to_device(queue, rows.data(), out, static_cast<std::int64_t>(rows.size() / left.size()), left);
}

}  // namespace halfulp::kernels::cuda

/// compute_on_cuda<op::OP, T> by cuda::settle<T>(args, out, queue), for every type of a matrix.
#define HALFULP_MATRIX_OP_FOR(OP, T)                                                             \
  template <>                                                                                    \
  void compute_on_cuda<op::OP, T>(const op::OP::args<T>& args, std::span<const tensor_view> out, \
                                  const cuda_queue& queue) {                                     \
    cuda::settle<T>(args, out[0].data, queue);                                                   \
  }
#define HALFULP_MATRIX_OP(OP)                    \
  HALFULP_MATRIX_OP_FOR(OP, float16)             \
  HALFULP_MATRIX_OP_FOR(OP, bfloat16)            \
  HALFULP_MATRIX_OP_FOR(OP, float)               \
  HALFULP_MATRIX_OP_FOR(OP, double)              \
  HALFULP_MATRIX_OP_FOR(OP, std::complex<float>) \
  HALFULP_MATRIX_OP_FOR(OP, std::complex<double>)
