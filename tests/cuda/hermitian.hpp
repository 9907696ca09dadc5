// Batches of Hermitian matrices for the CUDA tests.
#pragma once

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

/// Uniform in [-1, 1), both triangles: only one of them is the matrix.
template <class T>
tensor uniform_batch(random_source& r, std::int64_t matrices, std::int64_t n) {
  tensor x(dtype_of<T>, {matrices, n, n});
  for (T& v : x.elements<T>()) v = uniform_element<T>(r);
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
