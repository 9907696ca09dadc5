#include <halfulp/kernels/linalg/sliced_product.hpp>

#include <bit>
#include <cmath>
#include <span>

#include <halfulp/kernels/linalg/rounding_bounds.hpp>

namespace halfulp::kernels::linalg {
namespace {

/// The writable parts of complex numbers, or the numbers themselves.
std::span<double> parts_of(std::vector<double>& x) {
  return x;
}
std::span<double> parts_of(std::vector<std::complex<double>>& x) {
  return {reinterpret_cast<double*>(x.data()), 2 * x.size()};
}

/// Moves the nearest multiples of 2^-place from x to the result, exactly: |x| <= 2 and |rest| <= 2^-(place + 1).
template <class E>
std::vector<E> cut(std::vector<E>& x, int place) {
  std::vector<E> slice(x.size());
  const double shift = std::ldexp(0.75, 53 - place);  // the unit in the last place of sums with it is 2^-place
  const auto from = parts_of(x);
  const auto to = parts_of(slice);
  for (std::size_t k = 0; k < from.size(); ++k) {
    const double s = (from[k] + shift) - shift;
    to[k] = s;
    from[k] -= s;
  }
  return slice;
}

/// high + low += p, with one rounding in low.
template <class E>
void accumulate(std::vector<E>& high, std::vector<E>& low, const std::vector<E>& p) {
  const auto h = parts_of(high), l = parts_of(low);
  const auto q = parts(p);
  for (std::size_t k = 0; k < h.size(); ++k) {
    const double_double s = two_sum(h[k], q[k]);
    h[k] = s.hi;
    l[k] += s.lo;
  }
}

}  // namespace

template <class E>
sliced_product<E>::sliced_product(int n, const std::vector<E>& a, const std::vector<E>& x, double x_norm)
    : high(x.size()), low(x.size()) {
  const int columns = static_cast<int>(x.size()) / n;
  const int terms = std::is_same_v<E, double> ? n : 2 * n;
  // a slice holds at most 2^(bits + 1) units (numbers up to 2 in units of 2^-bits), so a product of two slices sums to
  // less than terms * 2^(2 bits + 2) <= 2^53 units
  const int bits = (51 - std::bit_width(static_cast<unsigned>(terms))) / 2;
  std::vector<E> a_rest = a, x_rest = x;
  const std::vector<E> a1 = cut(a_rest, bits), x1 = cut(x_rest, bits);
  const std::vector<E> a2 = cut(a_rest, 2 * bits), x2 = cut(x_rest, 2 * bits);
  std::vector<E> p(x.size());
  for (const auto& [left, right] : {std::pair{&a1, &x1}, {&a1, &x2}, {&a2, &x1}, {&a2, &x2}}) {
    blas<E>::multiply(n, columns, left->data(), right->data(), 0, p.data());
    accumulate(high, low, p);
  }
  // what is left of A X: the rest of A times X, and the first two slices of A times the rest of X
  blas<E>::multiply(n, columns, a_rest.data(), x.data(), 0, p.data());
  std::vector<E> a12(a.size());
  for (std::size_t k = 0; k < a.size(); ++k) a12[k] = a1[k] + a2[k];  // exact: 2 bits + 1 bits
  blas<E>::multiply(n, columns, a12.data(), x_rest.data(), 1, p.data());
  accumulate(high, low, p);
  // parts of the rests are at most 2^-(2 bits + 1), rows of A at most 2 root long, with root = sqrt(2 n); sums in
  // `high` are at most `largest`, and each of five additions to `low` loses u times at most 5 u largest
  const double root = up(std::sqrt(2.0 * n));
  const double tail = std::ldexp(1.0, -2 * bits) * up(root * up(x_norm + 2 * root));
  const double largest = up(4 * root * up(x_norm + root));
  error = rounded_up(2 * product_error<E>(n + 1) * tail + 32 * unit_roundoff * unit_roundoff * largest, 4);
}

template struct sliced_product<double>;
template struct sliced_product<std::complex<double>>;

}  // namespace halfulp::kernels::linalg
