// What the C functions around CUDA kernels share, for benchmarks in Python.
#pragma once

#include <cstdint>
#include <cstdio>
#include <exception>
#include <span>

#include <halfulp/kernels/cuda.hpp>

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

/// 0 where f went well, else 1 and what went wrong on stderr.
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
