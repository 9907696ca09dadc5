// Batches of Hermitian matrices for the CUDA tests.
#pragma once

#include <algorithm>
#include <thread>
#include <vector>

#include <halfulp/analysis/cases/gallery/hermitian.hpp>
#include <halfulp/analysis/cases/gallery/near_midpoint.hpp>
#include <halfulp/oracle/ops/eigvalsh.hpp>

#include "cuda/on_device.hpp"

namespace halfulp::tests {

inline std::vector<gallery::kind> every_kind() {
  std::vector<gallery::kind> all;
  for (std::size_t k = 0; k < gallery::kind_names.size(); ++k) all.push_back(static_cast<gallery::kind>(k));
  return all;
}

/// Matrices of the gallery, one after the other, each of its kind.
template <class T>
tensor gallery_batch(random_source& r, std::span<const gallery::kind> kinds, int n) {
  tensor x(dtype_of<T>, {static_cast<std::int64_t>(kinds.size()), n, n});
  auto to = x.elements<T>().begin();
  for (const gallery::kind k : kinds) {
    const auto elements = gallery::elements<T>(gallery::make<T>(k, n, r.bits()));
    to = std::copy(elements.begin(), elements.end(), to);
  }
  return x;
}

template <class T>
T uniform_element(random_source& r) {
  if constexpr (is_complex<T>) {
    const double real = r.uniform(), imaginary = r.uniform();
    return {narrow<component_t<T>>(real), narrow<component_t<T>>(imaginary)};
  } else {
    return narrow<T>(r.uniform());
  }
}

/// f(k) for k in [0, count), over the threads of the machine.
template <class F>
void side_by_side(std::int64_t count, F f) {
  const auto threads = static_cast<std::int64_t>(std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::jthread> all;
  for (std::int64_t t = 0; t < std::min(threads, count); ++t)
    all.emplace_back([=] {
      for (std::int64_t k = t; k < count; k += threads) f(k);
    });
}

/// Uniform in [-1, 1), both triangles: only one of them is the matrix. The same on every machine: each matrix has a source of
/// its own.
template <class T>
tensor uniform_batch(random_source& r, std::int64_t matrices, std::int64_t n) {
  tensor x(dtype_of<T>, {matrices, n, n});
  const std::span<T> all = x.elements<T>();
  const std::uint64_t seed = r.bits();
  const auto size = static_cast<std::size_t>(n * n);
  side_by_side(matrices, [=](std::int64_t m) {
    random_source own(seed + static_cast<std::uint64_t>(m));
    for (T& v : all.subspan(static_cast<std::size_t>(m) * size, size)) v = uniform_element<T>(own);
  });
  return x;
}

template <class T>
comparison compare_eigvalsh(const tensor& x, const char* uplo = "L") {
  return compare<op::eigvalsh, T>(call_for<op::eigvalsh>({{x.view()}}, {{"UPLO", {std::string(uplo)}}}));
}

inline std::int64_t total(const tier_counts& c) {
  std::int64_t n = 0;
  for (const std::int64_t k : c.count) n += k;
  return n;
}

}  // namespace halfulp::tests
