#include <halfulp/oracle/linalg/rotation.hpp>

namespace halfulp::linalg {

integer_matrix fixed_point(const approx_eigensystem& s, int n, long bits) {
  integer_matrix x(n, -bits, !s.imaginary.empty());
  for (std::size_t k = 0; k < s.real.size(); ++k) x.real[k] = fixed_point(s.real[k], bits);
  for (std::size_t k = 0; k < s.imaginary.size(); ++k) x.imaginary[k] = fixed_point(s.imaginary[k], bits);
  return x;
}

integer_matrix approx_orthogonal(const approx_eigensystem& s, int n, long bits) {
  constexpr long first_accuracy = 44;
  return approx_orthogonal(fixed_point(s, n, bits), bits, first_accuracy);
}

integer_matrix approx_orthogonal(integer_matrix q, long bits, long accuracy) {
  for (; accuracy < bits; accuracy *= 2) {
    const integer_matrix overlap = rounded_to_bits(adjoint_product(q, q, false), bits);
    integer_matrix w(q.n, -bits - 1, q.is_complex());  // (3 I - overlap) / 2
    for (int k = 0; k < q.n; ++k) w.real[w.at(k, k)] = integer(3) << static_cast<unsigned>(bits);
    for (std::size_t k = 0; k < w.real.size(); ++k) w.real[k] -= overlap.real[k];
    for (std::size_t k = 0; k < w.imaginary.size(); ++k) w.imaginary[k] -= overlap.imaginary[k];
    q = rounded_to_bits(adjoint_product(adjoint(q), w, false), bits);
  }
  return q;
}

namespace {

/// Row `row` of the columns of x from `first` on, times column `column` of q; of the parts named by the pointers.
integer row_times_column(const integer_matrix& x, const std::vector<integer>& x_part, const integer_matrix& q,
                         const std::vector<integer>& q_part, int row, int first, int column) {
  integer sum;
  for (int k = 0; k < q.n; ++k) mpz_addmul(raw(sum), raw(x_part[x.at(row, first + k)]), raw(q_part[q.at(k, column)]));
  return sum;
}

}  // namespace

void multiply_columns(integer_matrix& x, int first, const integer_matrix& q, long bits) {
  integer_matrix product(x.n, x.exponent + q.exponent, x.is_complex());
  for (int j = 0; j < q.n; ++j) {
    for (int i = 0; i < x.n; ++i) {
      const std::size_t at = product.at(i, first + j);
      const auto dot = [&](const std::vector<integer>& u, const std::vector<integer>& v) {
        return row_times_column(x, u, q, v, i, first, j);
      };
      product.real[at] = dot(x.real, q.real);
      if (!x.is_complex()) continue;
      product.real[at] -= dot(x.imaginary, q.imaginary);
      product.imaginary[at] = dot(x.real, q.imaginary) + dot(x.imaginary, q.real);
    }
  }
  product = rounded_to_bits(product, bits);
  for (std::size_t k = x.at(0, first); k < x.at(0, first + q.n); ++k) {
    x.real[k] = product.real[k];
    if (x.is_complex()) x.imaginary[k] = product.imaginary[k];
  }
}

}  // namespace halfulp::linalg
