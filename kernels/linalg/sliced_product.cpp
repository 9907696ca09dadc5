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
    : x_rest(x), high(x.size()), low(x.size()), rest(x.size()) {
  const int columns = static_cast<int>(x.size()) / n;
  const int terms = std::is_same_v<E, double> ? n : 2 * n;
  // a slice holds at most 2^(bits + 1) units (numbers up to 2 in units of 2^-bits), so a product of two slices sums to
  // less than terms * 2^(2 bits + 2) <= 2^53 units
  const int bits = (51 - std::bit_width(static_cast<unsigned>(terms))) / 2;
  std::vector<E> a_rest = a, p(x.size());
  const std::vector<E> x1 = cut(x_rest, bits);
  for (const int place : {bits, 2 * bits}) {
    blas<E>::multiply(n, columns, cut(a_rest, place).data(), x1.data(), 0, p.data());
    accumulate(high, low, p);
  }
  blas<E>::multiply(n, columns, a_rest.data(), x1.data(), 0, p.data());
  accumulate(high, low, p);
  blas<E>::multiply(n, columns, a.data(), x_rest.data(), 0, rest.data());
  // parts of X' are at most 2^-(bits + 1), those of the rest of A 2^-(2 bits + 1), rows of A at most 2 root long, with
  // root = sqrt(2 n); sums in `high` are at most `largest`, and each of three additions to `low` loses u times at most
  // 3 u largest
  const double root = up(std::sqrt(2.0 * n));
  x_rest_norm = std::ldexp(root, -bits - 1);
  const double x1_norm = up(x_norm + x_rest_norm);
  const double largest = up(4 * root * up(x1_norm + root));
  const double tail = std::ldexp(up(root * x1_norm), -2 * bits - 1);
  error = rounded_up(product_error<E>(n) * tail + 16 * unit_roundoff * unit_roundoff * largest, 4);
  rest_error = rounded_up(product_error<E>(n) * up(2 * root * x_rest_norm), 4);
}

template struct sliced_product<double>;
template struct sliced_product<std::complex<double>>;

}  // namespace halfulp::kernels::linalg
