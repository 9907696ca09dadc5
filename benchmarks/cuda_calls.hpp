// What the C functions of the benchmarks on a GPU are made of.
#pragma once

#include <cstdint>
#include <cstdio>
#include <exception>

#include <halfulp/kernels/cuda.hpp>
#include <halfulp/oracle/op.hpp>

namespace halfulp::benchmarks {

template <class T>
std::span<const T> elements_at(const void* data, std::int64_t n) {
  return {static_cast<const T*>(data), static_cast<std::size_t>(n)};
}

inline tensor_view view_at(void* data, const tensor_type& type) {
  return {data, type.type, type.shape, row_major_strides(type.shape), true};
}

template <class Op, class T>
void compute(const typename Op::template args<T>& a, void* out, const kernels::cuda_queue& queue) {
  const tensor_view view = view_at(out, Op::outputs(a)[0]);
  kernels::compute_on_cuda<Op, T>(a, {&view, 1}, queue);
}

template <class F>
int guarded(F f) {
  try {
    f();
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}

}  // namespace halfulp::benchmarks
