// Systems for the tests of cholesky_solve on the GPU.
#pragma once

#include <halfulp/analysis/cases/gallery/known_solution.hpp>
#include <halfulp/oracle/ops/cholesky_solve.hpp>

#include "cuda/on_device.hpp"

namespace halfulp::tests {

/// Batches of factors and right sides, and the call that solves with them.
struct cholesky_batch {
  tensor x, y;
  bool upper = false;

  call solve() const { return call_for<op::cholesky_solve>({{x.view()}, {y.view()}, {upper}}); }
};

/// The mirror image of each n x n matrix, conjugates left out: what is read is another factor, of the same kind.
template <class T>
void mirror(std::vector<T>& y, int n) {
  const auto size = static_cast<std::size_t>(n);
  for (std::size_t first = 0; first < y.size(); first += size * size)
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = 0; j < i; ++j) std::swap(y[first + i * size + j], y[first + j * size + i]);
}

/// `count` systems of one kind of the gallery.
template <class T>
cholesky_batch gallery_batch(random_source& r, gallery::factor_kind kind, int count, int n, int k, bool upper) {
  std::vector<T> x, y;
  for (int m = 0; m < count; ++m) {
    const auto s = gallery::make_system<T>(kind, n, k, r.bits());
    x.insert(x.end(), s.x.begin(), s.x.end());
    y.insert(y.end(), s.y.begin(), s.y.end());
  }
  if (upper) mirror(y, n);
  return {make_tensor<T>({count, n, k}, x), make_tensor<T>({count, n, n}, y), upper};
}

/// `count` random systems: a diagonal in [1/2, 3/2), elsewhere uniform and about as large as a factor of a matrix with a
/// moderate condition has it.
template <class T>
cholesky_batch random_batch(random_source& r, std::int64_t count, std::int64_t n, std::int64_t k) {
  using R = component_t<T>;
  cholesky_batch b{tensor(dtype_of<T>, {count, n, k}), tensor(dtype_of<T>, {count, n, n}), r.between(0, 1) == 1};
  const auto number = [&](double scale, double middle) {
    const R re = narrow<R>(middle + scale * r.uniform());
    if constexpr (is_complex<T>)
      return T{re, narrow<R>(scale * r.uniform())};
    else
      return re;
  };
  for (T& v : b.x.template elements<T>()) v = number(1, 0);
  const double size = 2 / std::sqrt(static_cast<double>(n));
  const auto y = b.y.template elements<T>();
  for (std::int64_t m = 0; m < count; ++m)
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j <= i; ++j)
        y[static_cast<std::size_t>(m * n * n + (b.upper ? j * n + i : i * n + j))] =
            number(i == j ? 0.5 : size, i == j ? 1 : 0);
  return b;
}

template <class F>
void for_each_solve_format(F f) {
  [&]<class... T>(type_list<T...>) { (f(type_tag<T>{}), ...); }(op::cholesky_solve::element_types{});
}

}  // namespace halfulp::tests
